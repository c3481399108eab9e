import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import { identity } from '../fileIdentity.js';
import { type InputOptions, inputFiles, type NamedFile } from '../inputFiles.js';
import { inWords } from '../output.js';
import type { OutputOptions } from '../outputs.js';
import { UsageError } from '../usageError.js';
import { STATE_BEGINNING } from './stateFile.js';

/** The options that name files besides `--state`. */
export type NamedFiles = Partial<OutputOptions> & InputOptions;

/**
 * Refuses a state that would take the place of something else: of another file that the options name, or of a file that
 * is no state.
 * @throws UsageError
 */
export function expectStatePlace(state: string, options: NamedFiles): void {
  const own = [state, lockOf(state)].map(identity);
  const shared = filesOf(options).find(([, file]) => own.includes(identity(file)));
  if (shared) {
    const [option, file] = shared;
    throw new UsageError(
      `--state ${state} and ${option} ${file} would be one file; name another for the state`,
    );
  }
  const other = whyNoState(resolve(state));
  if (other !== null) {
    throw new UsageError(`--state ${state} would replace what is no state: ${other}; name another file`);
  }
}

/** The lock of a state. */
export function lockOf(state: string): string {
  return `${state}.lock`;
}

function filesOf({ format = [], output, ...inputs }: NamedFiles): NamedFile[] {
  const outputs = format.flatMap(({ file }) => (file ? [['--format', file] as const] : []));
  const named: NamedFile[] = [...outputs, ...(output ? [['--output', output] as const] : [])];
  return [...named, ...inputFiles(inputs)].filter(([, file]) => file !== '-');
}

/**
 * Looks at how a file begins. A state that was cut off begins as one, and an empty file is nobody's loss.
 * @returns null for a state, and for none
 */
export function whyNoState(path: string): string | null {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ELOOP') return 'it is a link, which is not followed';
    // Where a part of the path is wrong, there is nothing to lose.
    return code === 'ENOENT' || code === 'ENOTDIR' ? null : inWords(error);
  }
  try {
    const stats = fstatSync(descriptor);
    if (stats.isDirectory()) return 'it is a directory';
    if (!stats.isFile()) return 'it is no regular file';
    const bytes = Buffer.alloc(STATE_BEGINNING.length);
    const beginning = bytes.toString('latin1', 0, readSync(descriptor, bytes));
    return STATE_BEGINNING.startsWith(beginning) ? null : 'it holds something else';
  } catch (error) {
    return inWords(error);
  } finally {
    closeSync(descriptor);
  }
}
