import { execFile } from 'node:child_process';
import { searchPath } from './commandPath.js';

export interface RunOptions {
  cwd?: string;
  /** After this time the command is ended and the promise rejects, in milliseconds. */
  timeoutMs?: number;
}

/** Why a command failed: what it wrote and how it ended. */
export class CommandError extends Error {
  constructor(
    command: string,
    readonly exitCode: number | undefined,
    readonly signal: NodeJS.Signals | undefined,
    readonly timedOut: boolean,
    readonly stdout: string,
    readonly stderr: string,
  ) {
    const how = timedOut ? 'no answer in time' : (signal ?? `exit code ${exitCode}`);
    super([`${command}: ${how}`, stderr.trim(), stdout.trim()].filter(Boolean).join('\n'));
  }
}

/** Runs a command in the C locale and returns its standard output; rejects with a CommandError. */
export function runCommand(
  command: string,
  args: readonly string[],
  { cwd, timeoutMs = 60_000 }: RunOptions = {},
): Promise<string> {
  const env = { ...process.env, PATH: searchPath, LC_ALL: 'C' };
  const options = { env, timeout: timeoutMs, maxBuffer: 256 * 1024 * 1024, killSignal: 'SIGKILL' as const };
  return new Promise((resolve, reject) => {
    execFile(command, args, { ...options, ...(cwd !== undefined && { cwd }) }, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      // A missing command has a textual code such as ENOENT.
      if (typeof error.code === 'string') return reject(error);
      reject(
        new CommandError(
          `${command} ${args.join(' ')}`,
          error.code ?? undefined,
          error.signal,
          error.killed === true,
          stdout,
          stderr,
        ),
      );
    });
  });
}
