import type { Outcome } from '../checks/check.js';

/** 0 all pass, 1 warnings, 2 failures, 3 could not check; 3 too for usage errors and crashes. */
export const EXIT_CODES = { pass: 0, warn: 1, fail: 2, unknown: 3 } as const;

/** The exit code of a run that could not begin: bad usage, or a crash. */
export const EXIT_USAGE = 3;

/** What `--fail-on` takes: the mildest outcome that still makes the exit code non-zero. */
export const FAIL_ON = ['warn', 'fail', 'unknown', 'never'] as const;
export type FailOn = (typeof FAIL_ON)[number];

/** The worst of some outcomes, in the order of the exit codes: what could not be checked outweighs a failure. */
export function worstOutcome(outcomes: Iterable<Outcome>): keyof typeof EXIT_CODES {
  let worst: keyof typeof EXIT_CODES = 'pass';
  for (const outcome of outcomes) {
    if (outcome === 'not-applicable' || outcome === 'info') continue;
    if (EXIT_CODES[outcome] > EXIT_CODES[worst]) worst = outcome;
  }
  return worst;
}

/** The exit code of an audit with that worst outcome. */
export function exitCodeFor(worst: keyof typeof EXIT_CODES, failOn: FailOn): number {
  if (failOn === 'never') return 0;
  const code = EXIT_CODES[worst];
  return code >= EXIT_CODES[failOn] ? code : 0;
}
