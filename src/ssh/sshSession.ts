import { spawn } from 'node:child_process';
import { endWithThisProcess, killGroup } from '../commands/processGroup.js';

/** What a session may take. */
export interface SessionBounds {
  /** Of standard output. */
  readonly mostBytes: number;
  /** From the beginning to the end. */
  readonly wholeSeconds: number;
  /** Without anything on standard output. */
  readonly silentSeconds: number;
}

/** How a session ended. */
export type Session = {
  /** What came by standard output until then. */
  readonly output: Buffer;
  /** The end of what came by standard error: ssh's own words, and those of the host there. */
  readonly said: string;
} & (
  | { readonly end: 'exited'; readonly exitCode: number }
  | { readonly end: 'too-long' | 'silent' | 'flooded' }
  /** ssh was ended by a signal, or could not be run. */
  | { readonly end: 'broken'; readonly why: string }
);

/** The last words are those that tell; what a host there writes before them is of no use. */
const MOST_SAID_BYTES = 16 * 1024;

/**
 * Runs ssh, without a shell and away from the terminal, so that neither it nor an ssh of a jump host can ask anybody.
 * Never throws, and leaves nothing running.
 * @param path - the program
 * @param script - what it gets by standard input
 */
export function runSession(
  path: string,
  args: readonly string[],
  { script, env, bounds }: { script: string; env: NodeJS.ProcessEnv; bounds: SessionBounds },
): Promise<Session> {
  return new Promise((resolve) => {
    const nothing = { output: Buffer.alloc(0), said: '' };
    const child = spawn(path, args, { env, detached: true, stdio: 'pipe' });
    child.on('error', ({ message }) => resolve({ ...nothing, end: 'broken', why: message }));
    const { pid } = child;
    // It could not be started, and may not even have its streams.
    if (pid === undefined) return;
    const forget = endWithThisProcess(pid);
    const output: Buffer[] = [];
    let bytes = 0;
    let said = Buffer.alloc(0);
    let givenUp: 'too-long' | 'silent' | 'flooded' | null = null;
    const giveUp = (why: NonNullable<typeof givenUp>) => {
      givenUp ??= why;
      killGroup(pid);
      // Whoever else holds the other ends must not keep this from ending.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const whole = setTimeout(() => giveUp('too-long'), bounds.wholeSeconds * 1000);
    const silent = setTimeout(() => giveUp('silent'), bounds.silentSeconds * 1000);
    child.stdout.on('data', (chunk: Buffer) => {
      silent.refresh();
      bytes += chunk.length;
      if (bytes > bounds.mostBytes) giveUp('flooded');
      else output.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      said = Buffer.concat([said, chunk]).subarray(-MOST_SAID_BYTES);
    });
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on('error', () => undefined);
    child.on('close', (exitCode, signal) => {
      clearTimeout(whole);
      clearTimeout(silent);
      forget();
      const heard = { output: Buffer.concat(output), said: said.toString() };
      if (givenUp !== null) resolve({ ...heard, end: givenUp });
      else if (exitCode === null) resolve({ ...heard, end: 'broken', why: `it was ended by ${signal}` });
      else resolve({ ...heard, end: 'exited', exitCode });
    });
    child.stdin.end(script);
  });
}
