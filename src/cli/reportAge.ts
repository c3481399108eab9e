import { InvalidArgumentError } from 'commander';
import type { Report } from '../report/report.js';
import { UsageError } from './usageError.js';

const LONGEST_SECONDS = 366 * 86_400;

/** Understands how many seconds old something may be. */
export function ageSeconds(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= LONGEST_SECONDS) return value;
  throw new InvalidArgumentError('Give a number of seconds, up to those of a year.');
}

/**
 * Refuses reports that tell nothing of today any more, each with a line of its own. One from after now is as far off:
 * the clock was wrong then, or is now.
 * @param maxAge - how many seconds ago an audit may have been
 * @throws UsageError
 */
export function expectRecent(reports: readonly Report[], maxAge: number, now: Date): void {
  const mistakes = reports.flatMap(({ run: { collectedAt, hostname } }) => {
    const age = (now.getTime() - Date.parse(collectedAt)) / 1000;
    if (Math.abs(age) <= maxAge) return [];
    const what = age > 0 ? `is ${inWords(age)} old` : `is from ${inWords(-age)} ahead`;
    return [`the report ${what} (--max-age ${maxAge}): ${hostname} was audited at ${collectedAt}`];
  });
  const [first, ...others] = mistakes;
  if (first !== undefined) throw new UsageError(first, ...others);
}

/** How long that is, in the largest unit that it has two of. */
function inWords(seconds: number): string {
  const units = [
    ['d', 86_400],
    ['h', 3600],
    ['min', 60],
  ] as const;
  const [unit, length] = units.find(([, it]) => seconds >= 2 * it) ?? ['s', 1];
  return `${Math.floor(seconds / length)} ${unit}`;
}
