import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import { DEFAULT_CONFIGURATION_FILE } from '../configuration/configurationFile.js';
import { CONFIGURATION_VARIABLE } from '../configuration/configurationVariables.js';
import type { SourceOptions } from '../options.js';
import { inWords } from '../output.js';
import { identity, type OutputOptions } from '../outputs.js';
import { UsageError } from '../usageError.js';
import { STATE_BEGINNING } from './stateFile.js';

/** The options that name files besides `--state`. */
export type NamedFiles = Partial<OutputOptions> &
  Pick<Partial<SourceOptions>, 'domxml' | 'from' | 'sshConfig' | 'chronyc'> & {
    readonly config?: string | false;
    readonly patch?: string;
  };

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

function filesOf(options: NamedFiles): (readonly [option: string, file: string])[] {
  const { format = [], output, config, domxml = [], from, sshConfig, chronyc, patch } = options;
  const configuration = config ?? (process.env[CONFIGURATION_VARIABLE] || DEFAULT_CONFIGURATION_FILE);
  const named: readonly (readonly [string, string | false | undefined])[] = [
    ...format.map((wish) => ['--format', wish.file] as const),
    ['--output', output],
    ['--config', configuration],
    ...domxml.map((path) => ['--domxml', path] as const),
    ['--from', from],
    ['--ssh-config', sshConfig],
    ['--chronyc', chronyc],
    ['--patch', patch],
  ];
  return named.flatMap(([option, file]) => (file && file !== '-' ? [[option, file] as const] : []));
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
