import { ask, type RecordedCommand } from '../commands/command.js';

/** How to reach chronyd. */
export interface ChronycOptions {
  /** The path of chronyc; found in the usual places when absent, whatever `PATH` says. */
  readonly chronyc?: string;
  /** What chronyc's `-h` takes: an address, or the absolute path of a command socket. */
  readonly chronyHost?: string;
  /** The longest wait for the answer. */
  readonly deadlineSeconds: number;
  /** Present for a machine that was recorded: then nothing is run. */
  readonly recorded?: RecordedCommand;
  /** The system clock of a recorded machine, in seconds since 1970. */
  readonly nowSeconds?: number;
  /** The user who asked on a recorded machine. */
  readonly uid?: number;
}

/** How a run of chronyc ended. */
export type ChronycRun =
  | { readonly end: 'answered'; readonly output: string }
  | { readonly end: 'failed'; readonly said: string }
  | { readonly end: 'missing' | 'denied' | 'hung' | 'flooded' | 'not-recorded' };

/** A report of chronyd's that chronyc prints. */
export type ChronycReport = 'tracking' | 'sources' | 'sourcestats' | 'activity';

/**
 * Asks for several reports in one run: `-c` for values without units, `-n` so that no name is looked up, `-m` for more
 * than one. chronyc stops at the first report that it does not get.
 * @see chronyc(1)
 */
export async function runChronyc(
  { chronyc, chronyHost, ...place }: ChronycOptions,
  reports: readonly ChronycReport[],
): Promise<ChronycRun> {
  const server = chronyHost === undefined ? [] : ['-h', chronyHost];
  const args = [...server, '-c', '-n', '-m', ...reports];
  // Another machine's answers come with `recorded`; whatever is run, is run on this one.
  const run = await ask('chronyc', args, { ...place, root: '/' }, chronyc);
  if (run.end !== 'finished') return run;
  if (run.exitCode === 0) return { end: 'answered', output: run.output };
  // chronyc complains on either, depending on what about.
  return { end: 'failed', said: complaint(`${run.output}\n${run.said}`) };
}

/** What chronyc said besides the reports that it had printed before it gave up. */
function complaint(output: string): string {
  const lines = output.split('\n').filter((line) => line !== '' && !/^[^ ]*(,[^,]*){4,}$/.test(line));
  return lines[0]?.slice(0, 200) ?? '';
}
