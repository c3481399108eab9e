import type { ChronyAnswer } from '../facts/chrony.js';
import { type Fact, known, unknown } from '../facts/fact.js';
import { type ChronycOptions, type ChronycReport, type ChronycRun, runChronyc } from './chronyc.js';
import { explainFailure, explainMissing, isSilence, type RunningDaemons } from './failures.js';
import { ChronycGarbled } from './fields.js';
import { ALL_REPORTS, ESSENTIAL_REPORTS, parseReports } from './reports.js';

export type { ChronycOptions } from './chronyc.js';
export type { RunningDaemons } from './failures.js';

/** Tells whether the chronyd that answers steers the clock; only asked when one has answered. */
export type SteeringOfClock = () => boolean | null;

/**
 * Asks chronyd how well the host is synchronised. Never throws.
 * @param running - only asked when chronyd is silent
 */
export async function readChrony(
  options: ChronycOptions,
  running: RunningDaemons,
  steersClock: SteeringOfClock = () => null,
): Promise<Fact<ChronyAnswer>> {
  const startedAt = performance.now();
  const run = await runChronyc(options, ALL_REPORTS);
  // A recording may hold the answers to what matters, and no others.
  const lacksSome = run.end === 'not-recorded' || (run.end === 'failed' && !isSilence(run.said));
  if (!lacksSome) return factOf(run, ALL_REPORTS, options, running, steersClock);
  // A chronyd may be told to give others than root less (opencommands in chrony.conf): ask again for what matters.
  const left = options.deadlineSeconds - (performance.now() - startedAt) / 1000;
  const again = await runChronyc({ ...options, deadlineSeconds: left }, ESSENTIAL_REPORTS);
  return factOf(again, ESSENTIAL_REPORTS, options, running, steersClock);
}

function factOf(
  run: ChronycRun,
  asked: readonly ChronycReport[],
  options: ChronycOptions,
  running: RunningDaemons,
  steersClock: SteeringOfClock,
): Fact<ChronyAnswer> {
  const readAtSeconds = options.nowSeconds ?? Date.now() / 1000;
  const source = `chronyc -c -n -m ${asked.join(' ')}`;
  switch (run.end) {
    case 'missing':
      return explainMissing(source, options, running);
    case 'denied': {
      const reason = `${options.chronyc ?? 'chronyc'} may not be executed by this user`;
      return unknown(source, 'chronyc-denied', reason);
    }
    case 'hung': {
      const reason = `chronyc had no answer from chronyd within ${options.deadlineSeconds} s; see whether chronyd is stopped or the machine overloaded`;
      return unknown(source, 'chronyc-hung', reason);
    }
    case 'not-recorded': {
      const reason = "the recording of this host does not hold chronyc's answer";
      return unknown(source, 'chronyc-not-recorded', reason);
    }
    case 'failed':
      return explainFailure(source, run.said, options, running);
    case 'flooded': {
      const reason = 'chronyc printed more than any chronyc would; check what is installed';
      return unknown(source, 'chronyc-garbled', reason);
    }
  }
  try {
    const reports = parseReports(run.output, asked);
    return known({ daemon: 'answers', ...reports, steersClock: steersClock(), readAtSeconds }, source);
  } catch (error) {
    if (!(error instanceof ChronycGarbled)) throw error;
    const reason = `chronyc's output cannot be understood: ${error.message}`;
    return unknown(source, 'chronyc-garbled', reason);
  }
}
