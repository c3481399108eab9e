import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** How to reach chronyd. */
export interface ChronycOptions {
  /** The path of chronyc; found in `PATH` and the usual places when absent. */
  readonly chronyc?: string;
  /** What chronyc's `-h` takes: an address, or the absolute path of a command socket. */
  readonly chronyHost?: string;
  /** The longest wait for the answer. */
  readonly deadlineSeconds: number;
}

/** How a run of chronyc ended. */
export type ChronycRun =
  | { readonly end: 'answered'; readonly output: string }
  | { readonly end: 'failed'; readonly said: string }
  | { readonly end: 'missing' | 'denied' | 'hung' | 'flooded' };

/** A report of chronyd's that chronyc prints. */
export type ChronycReport = 'tracking' | 'sources' | 'sourcestats' | 'activity';

/** cron's PATH is short, and chronyc lies in /usr/bin or /usr/sbin depending on the distribution. */
const USUAL_PLACES = ['/usr/bin', '/usr/sbin', '/bin', '/sbin', '/usr/local/bin'];

/** Finds chronyc without running anything. */
export function findChronyc(path = process.env.PATH ?? ''): string | null {
  for (const directory of [...path.split(delimiter).filter((it) => it.startsWith('/')), ...USUAL_PLACES]) {
    const candidate = join(directory, 'chronyc');
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
 * Asks for several reports in one run: `-c` for values without units, `-n` so that no name is looked up, `-m` for more
 * than one. chronyc stops at the first report that it does not get.
 * @see chronyc(1)
 */
export function runChronyc(
  { chronyc, chronyHost, deadlineSeconds }: ChronycOptions,
  reports: readonly ChronycReport[],
): Promise<ChronycRun> {
  const command = chronyc ?? findChronyc();
  if (command === null) return Promise.resolve({ end: 'missing' });
  const server = chronyHost === undefined ? [] : ['-h', chronyHost];
  return new Promise((resolve) => {
    execFile(
      command,
      [...server, '-c', '-n', '-m', ...reports],
      {
        timeout: Math.max(1, Math.ceil(deadlineSeconds * 1000)),
        killSignal: 'SIGKILL',
        maxBuffer: 256 * 1024,
        env: { LC_ALL: 'C', TZ: 'UTC', PATH: USUAL_PLACES.join(delimiter) },
      },
      (error, stdout, stderr) => {
        if (error === null) return resolve({ end: 'answered', output: stdout });
        const { code } = error;
        if (code === 'ENOENT') resolve({ end: 'missing' });
        else if (code === 'EACCES') resolve({ end: 'denied' });
        else if (String(code) === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') resolve({ end: 'flooded' });
        else if (error.killed) resolve({ end: 'hung' });
        // chronyc complains on either, depending on what about.
        else resolve({ end: 'failed', said: complaint(`${stdout}\n${stderr}`) });
      },
    );
  });
}

/** What chronyc said besides the reports that it had printed before it gave up. */
function complaint(output: string): string {
  const lines = output.split('\n').filter((line) => line !== '' && !/^[^ ]*(,[^,]*){4,}$/.test(line));
  return lines[0]?.slice(0, 200) ?? '';
}
