import { posix } from 'node:path';
import { type Fact, known, unknown } from '../facts/fact.js';
import type { RecordedEntry, Recording } from './recording.js';

const DIRECTORY = '/usr/share/zoneinfo';
const LOCALTIME = '/etc/localtime';
/** What the kernel follows at the most, `MAXSYMLINKS` in its include/linux/namei.h. */
const MOST_LINKS = 40;

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

/**
 * Whether `/etc/localtime` is a link that names no zone, to a file that was not recorded. A reader would find nothing
 * there, as where the host has no zone at all, which is UTC.
 */
export function isLocaltimeUnseen(entries: ReadonlyMap<string, RecordedEntry>): boolean {
  const first = entries.get(LOCALTIME);
  if (first?.kind !== 'link' || /zoneinfo\/./.test(first.target)) return false;
  let [path, entry]: [string, RecordedEntry | undefined] = [LOCALTIME, first];
  for (let count = 0; entry?.kind === 'link' && count < MOST_LINKS; count++) {
    path = posix.resolve(posix.dirname(path), entry.target);
    entry = entries.get(path);
  }
  return entry === undefined;
}

/** Makes the zone of a host unknown where {@link isLocaltimeUnseen}, for whoever reads it. */
export function withoutUnseenLocaltime(recording: Recording): Recording {
  const { entries, unrecorded } = recording;
  if (!isLocaltimeUnseen(entries)) return recording;
  const reason = `${LOCALTIME} is a link that names no zone, and what it leads to is not in the recording; make it a link to a zone ('timedatectl set-timezone')`;
  return {
    ...recording,
    entries: new Map(entries).set(LOCALTIME, { kind: 'unreadable' }),
    unrecorded: { ...unrecorded, timeZone: unknown(LOCALTIME, 'not-recorded', reason) },
  };
}
