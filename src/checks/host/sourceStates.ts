import type { ChronyAnswer, ChronySource } from '../../facts/chrony.js';
import { milliseconds } from './milliseconds.js';

type Answer = Extract<ChronyAnswer, { daemon: 'answers' }>;

const USABLE: ReadonlySet<ChronySource['state']> = new Set(['selected', 'combined', 'not-combined']);
/** Few enough to read; the count tells how many more there are. */
const NAMED = 3;
/** Below four samples chronyd's own estimate is no more than the last one. */
const SAMPLES_FOR_ESTIMATE = 4;

/** Whether a source has a voice in what the time is. */
export function isUsable({ state, reach }: ChronySource): boolean {
  return reach !== 0 && USABLE.has(state);
}

/** Names up to three sources and counts the rest. */
export function namesOf(sources: readonly Pick<ChronySource, 'name'>[]): string {
  const names = sources.slice(0, NAMED).map(({ name }) => name || 'one without a name');
  const more = sources.length > NAMED ? ` and ${sources.length - NAMED} more` : '';
  return `${names.join(', ')}${more}`;
}

/** Names the sources that chronyd finds to be wrong, with how far; null where there are none. */
export function falsetickers({ sources, sourceStatistics }: Answer): string | null {
  const wrong = sources.filter(({ state, reach }) => state === 'falseticker' && reach !== 0);
  if (wrong.length === 0) return null;
  const named = wrong.map((source) => {
    const estimate = sourceStatistics.find(
      ({ name, samples }) => name === source.name && samples >= SAMPLES_FOR_ESTIMATE,
    );
    // The offset is the system clock's: where that is ahead, the source is behind.
    const offset = (estimate ?? source).offsetSeconds;
    const distance = `${milliseconds(Math.abs(offset))} ${offset > 0 ? 'behind' : 'ahead of'} this clock`;
    return { name: `${source.name} (${distance})` };
  });
  return `chronyd finds ${wrong.length === 1 ? 'a falseticker' : 'falsetickers'}: ${namesOf(named)}`;
}

/** What keeps the other sources from being usable, each without a full stop. */
export function unusableSources({ sources, activity }: Answer, wantsMore: boolean): string[] {
  const silent = sources.filter(({ reach }) => reach === 0);
  const variable = sources.filter(({ state, reach }) => state === 'too-variable' && reach !== 0);
  const refused = sources.filter(({ state, reach }) => state === 'unusable' && reach !== 0);
  const offline = (activity?.offline ?? 0) + (activity?.burstOffline ?? 0);
  const unresolved = activity?.unresolved ?? 0;
  return [
    silent.length > 0 && `no answer from ${namesOf(silent)}`,
    variable.length > 0 && `too variable: ${namesOf(variable)}`,
    refused.length > 0 && `not selectable, which chronyc selectdata tells the reason of: ${namesOf(refused)}`,
    offline > 0 && `${offline} set offline`,
    // A pool that has fewer servers than asked for leaves such places on a host that is right.
    wantsMore &&
      unresolved > 0 &&
      `${unresolved} without an address: names that do not resolve, or places in a pool`,
  ].filter((it) => it !== false);
}
