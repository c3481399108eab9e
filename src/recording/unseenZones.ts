import { posix } from 'node:path';
import { type Fact, known } from '../facts/fact.js';
import type { RecordedEntry } from './recording.js';

const DIRECTORY = '/usr/share/zoneinfo';

/**
 * Leaves out the zones whose files the collector found and did not look into, as those that are links to anywhere: that
 * no zone was read there does not mean that there is none.
 * @param zones - by the value of `TZ`, whether the C library makes a zone of it
 */
export function withoutUnseenZones(
  zones: Fact<Readonly<Record<string, boolean>>>,
  entries: ReadonlyMap<string, RecordedEntry>,
): Fact<Readonly<Record<string, boolean>>> {
  if (!zones.known) return zones;
  const isSeen = ([value]: [string, boolean]) => {
    const name = value.replace(/^:/, '');
    const path = posix.normalize(name.startsWith('/') ? name : `${DIRECTORY}/${name}`);
    return entries.get(path)?.kind !== 'unreadable';
  };
  return known(Object.fromEntries(Object.entries(zones.value).filter(isSeen)), zones.source);
}
