import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

/** How a run of a command ended. */
export type CommandRun =
  | { readonly end: 'finished'; readonly exitCode: number; readonly output: string; readonly said: string }
  | { readonly end: 'missing' | 'denied' | 'hung' | 'flooded' | 'not-recorded' };

/** Where distributions put these commands; PATH is not looked at, for what it names may be anybody's. */
const PLACES = ['/usr/bin', '/usr/sbin', '/bin', '/sbin', '/usr/local/bin', '/usr/local/sbin'];
const MOST_OUTPUT = 256 * 1024;

/** What stands for running a command where the machine was recorded elsewhere: how it ended there. */
export type RecordedCommand = (name: string, args: readonly string[]) => CommandRun;

/** Where a command is run, and how long it may take. */
export interface CommandPlace {
  /** The directory that stands for `/`. */
  readonly root: string;
  readonly deadlineSeconds: number;
  /** Present for a machine that was recorded: then nothing is run. */
  readonly recorded?: RecordedCommand;
}

/**
 * Runs a command where it belongs: on this machine, or by what a recording says of it. Never throws.
 * @param given - the path that an operator names for it
 */
export function ask(
  name: string,
  args: readonly string[],
  { root, deadlineSeconds, recorded }: CommandPlace,
  given?: string,
): Promise<CommandRun> {
  if (recorded) return Promise.resolve(recorded(name, args));
  return runCommand(findCommand(name, root, given), args, deadlineSeconds);
}

/**
 * Where a command is: where the caller says, or in the first of the usual places that has it.
 * @param root - the directory that stands for `/`: for another one than `/` nothing but what the caller says will do,
 * as this machine's commands ask this machine's daemons
 * @returns null when there is none
 */
export function findCommand(name: string, root: string, given?: string): string | null {
  if (given !== undefined || root !== '/') return given ?? null;
  for (const directory of PLACES) {
    const candidate = join(directory, name);
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // Look in the next place.
    }
  }
  return null;
}

/**
 * Runs a command without a shell, in the C locale and in UTC. Never throws.
 * @param path - null for a command that was not found
 * @param deadlineSeconds - after that time it is killed
 */
export function runCommand(
  path: string | null,
  args: readonly string[],
  deadlineSeconds: number,
): Promise<CommandRun> {
  if (path === null) return Promise.resolve({ end: 'missing' });
  return new Promise((resolve) => {
    const options = {
      timeout: Math.max(1, Math.ceil(deadlineSeconds * 1000)),
      killSignal: 'SIGKILL',
      maxBuffer: MOST_OUTPUT,
      env: { LC_ALL: 'C', TZ: 'UTC', PATH: PLACES.join(':') },
    } as const;
    execFile(path, args, options, (error, output, said) => {
      const code = error?.code;
      if (code === 'ENOENT') resolve({ end: 'missing' });
      else if (code === 'EACCES') resolve({ end: 'denied' });
      else if (String(code) === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') resolve({ end: 'flooded' });
      else if (error?.killed) resolve({ end: 'hung' });
      else
        resolve({ end: 'finished', exitCode: typeof code === 'number' ? code : error ? 1 : 0, output, said });
    }).stdin?.end();
  });
}
