import type { ChronyAnswer } from '../facts/chrony.js';
import type { ChronycReport } from './chronyc.js';
import { ChronycGarbled } from './fields.js';
import { isSource, parseActivity, parseSource, parseSourceStatistics, parseTracking } from './records.js';

type Answer = Extract<ChronyAnswer, { daemon: 'answers' }>;

/** What chronyc's reports tell of chronyd. */
export type Reports = Pick<Answer, 'tracking' | 'sources' | 'sourceStatistics' | 'activity'>;

/** Everything that one run asks for. */
export const ALL_REPORTS: readonly ChronycReport[] = ['tracking', 'sources', 'sourcestats', 'activity'];
/** What there is no verdict without. */
export const ESSENTIAL_REPORTS: readonly ChronycReport[] = ['tracking', 'sources'];

/**
 * Takes the output of one run apart: chronyc prints its reports one after the other, in the order asked for, without a
 * word in between.
 * @param asked - {@link ALL_REPORTS} or {@link ESSENTIAL_REPORTS}
 * @throws ChronycGarbled when a report is missing or not as it ought to be
 */
export function parseReports(output: string, asked: readonly ChronycReport[]): Reports {
  const [first = '', ...others] = output.split('\n').filter((line) => line !== '');
  const tracking = parseTracking(first);
  const end = others.findIndex((line) => !isSource(line));
  const sources = others.slice(0, end < 0 ? others.length : end).map(parseSource);
  const rest = end < 0 ? [] : others.slice(end);
  if (!asked.includes('activity')) {
    if (rest.length > 0) throw new ChronycGarbled('there is more than was asked for');
    return { tracking, sources, sourceStatistics: [], activity: null };
  }
  const last = rest.pop();
  if (last === undefined) throw new ChronycGarbled('activity is missing at the end');
  return {
    tracking,
    sources,
    sourceStatistics: rest.map(parseSourceStatistics),
    activity: parseActivity(last),
  };
}
