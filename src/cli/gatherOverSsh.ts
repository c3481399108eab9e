import type { Facts } from '../facts/facts.js';
import type { SourceOptions } from './options.js';

/** Records each host through ssh, several at a time, and reads the recordings. */
export async function gatherOverSsh(
  _hosts: readonly string[],
  _options: SourceOptions,
): Promise<readonly Facts[]> {
  return [];
}
