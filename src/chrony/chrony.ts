import { accessSync, constants } from 'node:fs';
import type { ChronyAnswer } from '../facts/chrony.js';
import { type Fact, known, unknown } from '../facts/fact.js';
import { type ChronycOptions, runChronyc } from './chronyc.js';
import { ChronycGarbled, parseSource, parseTracking } from './records.js';

export type { ChronycOptions } from './chronyc.js';

/** Lists the time daemons that run, or null when processes are hidden; only asked when chronyd is silent. */
export type RunningDaemons = () => readonly string[] | null;

const SOURCE = 'chronyc -c -n -m tracking sources';

/** Asks chronyd how well the host is synchronised. Never throws. */
export async function readChrony(
  options: ChronycOptions,
  running: RunningDaemons,
): Promise<Fact<ChronyAnswer>> {
  const run = await runChronyc(options);
  const readAtSeconds = Date.now() / 1000;
  switch (run.end) {
    case 'missing':
      return chronycMissing(options, running);
    case 'denied':
      return unknown(
        SOURCE,
        'chronyc-denied',
        `${options.chronyc ?? 'chronyc'} may not be executed by this user`,
      );
    case 'hung': {
      const reason = `chronyc had no answer from chronyd within ${options.deadlineSeconds} s; see whether chronyd is stopped or the machine overloaded`;
      return unknown(SOURCE, 'chronyc-hung', reason);
    }
    case 'failed':
      return explainFailure(run.said, options, running);
    case 'flooded':
      return unknown(
        SOURCE,
        'chronyc-garbled',
        'chronyc printed more than any chronyc would; check what is installed',
      );
  }
  const [first = '', ...others] = run.output.split('\n').filter((line) => line !== '');
  try {
    const tracking = parseTracking(first);
    return known(
      {
        daemon: 'answers',
        tracking,
        sources: others.map(parseSource),
        sourceStatistics: [],
        activity: null,
        steersClock: null,
        readAtSeconds,
      },
      SOURCE,
    );
  } catch (error) {
    if (!(error instanceof ChronycGarbled)) throw error;
    const reason = `chronyc's output cannot be understood: ${error.message}`;
    return unknown(SOURCE, 'chronyc-garbled', reason);
  }
}

function chronycMissing({ chronyc }: ChronycOptions, running: RunningDaemons): Fact<ChronyAnswer> {
  if (chronyc !== undefined)
    return unknown(SOURCE, 'chronyc-missing', `${chronyc} does not exist; check --chronyc`);
  const others = running()?.filter((daemon) => daemon !== 'chronyd') ?? [];
  const reason =
    others.length > 0
      ? `chronyc is not installed and ${others.join(' and ')} runs, which this audit cannot ask`
      : 'chronyc is not installed; install chrony, or name its path with --chronyc';
  return unknown(SOURCE, 'chronyc-missing', reason);
}

/** chronyc tells its failures apart by words only, on stdout or stderr; see client.c for the numbers. */
function explainFailure(
  output: string,
  options: ChronycOptions,
  running: RunningDaemons,
): Fact<ChronyAnswer> {
  const said = output.split('\n')[0]?.slice(0, 200) ?? '';
  if (/\b501\b/.test(said)) {
    const reason = `chronyd refuses to answer this user (${said}); run as root or as chrony's own user`;
    return unknown(SOURCE, 'chrony-not-authorised', reason);
  }
  if (!/\b506\b|Cannot talk to daemon|Could not (open|connect)/i.test(said)) {
    return unknown(SOURCE, 'chronyc-failed', `chronyc failed: ${said || 'it said nothing'}`);
  }
  if (options.chronyHost?.startsWith('/')) {
    if (isDenied(options.chronyHost)) return denied(options.chronyHost);
    return known({ daemon: 'absent', evidence: `nothing answers at ${options.chronyHost}` }, SOURCE);
  }
  if (options.chronyHost !== undefined) {
    const reason = `nothing answers at ${options.chronyHost}; check --chrony-host, and cmdport and cmdallow in chrony.conf`;
    return unknown(SOURCE, 'chronyd-unreachable', reason);
  }
  const daemons = running();
  if (daemons === null) {
    return unknown(
      SOURCE,
      'chronyd-not-visible',
      'chronyd does not answer, and processes are hidden from this user',
    );
  }
  if (daemons.includes('chronyd')) {
    if (process.geteuid?.() !== 0) return denied('/run/chrony/chronyd.sock');
    const reason = 'chronyd runs but does not answer; look at bindcmdaddress and cmdport in chrony.conf';
    return unknown(SOURCE, 'chronyd-unreachable', reason);
  }
  if (daemons.length > 0) {
    const reason = `chronyd does not run; ${daemons.join(' and ')} does, which this audit cannot ask`;
    return unknown(SOURCE, 'other-time-daemon', reason);
  }
  return known({ daemon: 'absent', evidence: 'chronyd does not answer and no time daemon runs' }, SOURCE);
}

function denied(socket: string): Fact<ChronyAnswer> {
  const reason = `chronyd's command socket ${socket} may not be used by this user; run as root or as chrony's own user`;
  return unknown(SOURCE, 'socket-denied', reason);
}

function isDenied(socket: string): boolean {
  try {
    accessSync(socket, constants.R_OK | constants.W_OK);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES';
  }
}
