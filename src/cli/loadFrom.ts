import { readFileSync } from 'node:fs';
import type { Facts } from '../facts/facts.js';
import { FactsUnreadable, loadFacts } from '../facts/store.js';
import type { SourceOptions } from './options.js';
import { inWords } from './output.js';
import { UsageError } from './usageError.js';

/**
 * Reads what `--from` names.
 * @throws UsageError when it cannot be read, or is nothing that an audit can be made from
 */
export async function loadFrom(path: string, _options: SourceOptions): Promise<Facts> {
  try {
    return loadFacts(readFileSync(path === '-' ? 0 : path, 'utf8'));
  } catch (error) {
    if (error instanceof FactsUnreadable) throw new UsageError(`${path} ${error.message}`);
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(
      code === 'ENOENT' ? `${path} does not exist` : `${path} cannot be read: ${inWords(error)}`,
    );
  }
}
