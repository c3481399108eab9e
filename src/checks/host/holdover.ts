import {
  type ChronyAnswer,
  rootDistanceGrowthSecondsPerHour,
  rootDistanceSeconds,
} from '../../facts/chrony.js';
import type { Thresholds } from '../../policy/thresholds.js';
import { milliseconds } from './milliseconds.js';

type Answer = Extract<ChronyAnswer, { daemon: 'answers' }>;

/**
 * Tells that chronyd goes by what it learnt before: its own status stays Normal when its sources are gone; only their
 * reach, state and age tell.
 * @returns what shows it and how the bound on the error grows, or null
 */
export function holdover(answer: Answer, limits: Thresholds): string | null {
  const shown = lostSources(answer, limits);
  return shown && `${shown}; ${growth(answer, limits)}`;
}

function lostSources({ tracking, sources, readAtSeconds }: Answer, limits: Thresholds): string | null {
  const age = readAtSeconds - tracking.referenceTimeSeconds;
  const lastHeard = `the last measurement is ${Math.round(age)} s old`;
  const reachable = sources.filter(({ reach }) => reach !== 0);
  const all = sources.length === 1 ? 'its only source' : `none of its ${sources.length} sources`;
  if (sources.length > 0 && reachable.length === 0) {
    return `${all} answers ${sources.length === 1 ? 'no' : 'any'} more; ${lastHeard}`;
  }
  if (sources.length > 0 && !sources.some(({ state }) => state === 'selected')) {
    const verb = sources.length === 1 ? 'does not select' : 'selects';
    return `chronyd ${verb} ${all}; ${lastHeard}`;
  }
  const polls = reachable.map(({ pollLog2Seconds }) => 2 ** pollLog2Seconds);
  const patience = Math.max(limits.holdoverSeconds, limits.holdoverPolls * Math.max(0, ...polls));
  return age > patience ? lastHeard : null;
}

function growth({ tracking }: Answer, { hostRootDistanceFailSeconds: limit }: Thresholds): string {
  const distance = rootDistanceSeconds(tracking);
  const perHour = rootDistanceGrowthSecondsPerHour(tracking);
  const said = `the bound on the error is ${milliseconds(distance)} and grows by about ${milliseconds(perHour)} an hour`;
  const hoursLeft = (limit - distance) / perHour;
  return hoursLeft > 0 ? `${said}, to ${milliseconds(limit)} in about ${span(hoursLeft)}` : said;
}

function span(hours: number): string {
  if (hours < 2) return `${Math.max(1, Math.round(hours * 60))} min`;
  return hours < 72 ? `${Math.round(hours)} h` : `${Math.round(hours / 24)} days`;
}
