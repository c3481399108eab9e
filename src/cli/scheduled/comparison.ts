import type { Report } from '../../report/report.js';
import { EXIT_CODES, type FailOn } from '../exitCode.js';
import { hiddenFrom } from './hidden.js';
import { identity, question, type ResultEntry, resultOf, waivedQuestions } from './result.js';

/** What became of a result since the last run. */
export interface Comparison {
  /** The whole result of this run, with what it had no chance to see again: what the next run is compared with. */
  readonly entries: readonly ResultEntry[];
  /** What counts and was not there before, did not count, or was milder or something else; the worst first. */
  readonly appeared: readonly ResultEntry[];
  /** What was told and is well now, or no longer there; the worst first. */
  readonly gone: readonly ResultEntry[];
}

/**
 * Compares reports with the result of the run before.
 * @param previous - null when there is none
 * @param failOn - what is milder does not count; with `never`, which is about the exit code alone, all counts
 */
export function compare(
  previous: readonly ResultEntry[] | null,
  reports: readonly Report[],
  failOn: FailOn,
): Comparison {
  const seen = resultOf(reports);
  const unseen = (previous ?? []).filter(hiddenFrom(reports));
  const told = new Set((previous ?? []).filter(({ uncounted }) => !uncounted).map(identity));
  const mildest = EXIT_CODES[failOn === 'never' ? 'warn' : failOn];
  const counts = ({ outcome }: ResultEntry) => EXIT_CODES[outcome] >= mildest;
  const counting = (list: readonly ResultEntry[]) =>
    list.filter(counts).sort((one, other) => EXIT_CODES[other.outcome] - EXIT_CODES[one.outcome]);
  const appeared = counting(seen.filter((entry) => !told.has(identity(entry))));
  const entries = [
    ...seen.map((entry) =>
      counts(entry) || told.has(identity(entry)) ? entry : { ...entry, uncounted: true as const },
    ),
    ...unseen,
  ];
  const now = new Set(entries.map(identity));
  // What only turned into something else is told once, as that; and what somebody waived is not mended.
  const changed = new Set([...appeared.map(question), ...waivedQuestions(reports)]);
  const gone = counting(previous ?? []).filter(
    (entry) => told.has(identity(entry)) && !now.has(identity(entry)) && !changed.has(question(entry)),
  );
  return { entries, appeared, gone };
}
