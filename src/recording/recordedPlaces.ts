import { posix } from 'node:path';
import type { RecordedEntry } from './recording.js';
import { RecordingUnreadable } from './recordingUnreadable.js';

/** The deepest path that is read, a device behind some bridges below /sys, has a third of them. */
const DEEPEST = 40;
/** `NAME_MAX` in the kernel's include/uapi/linux/limits.h. */
const LONGEST_NAME_BYTES = 255;

/** A host with a thousand domains has some six thousand. */
const MOST_ENTRIES = 20_000;
const MOST_DIRECTORIES = 20_000;
const MOST_DOMAINS = 20_000;

/** Whether a path, taken apart at its slashes, may be one of a file that is read. */
export function isReasonable(parts: readonly string[]): boolean {
  return (
    parts.length <= DEEPEST &&
    parts.every((part) => Buffer.byteLength(part) <= LONGEST_NAME_BYTES && !part.includes('\0'))
  );
}

/**
 * Where the recorded files are to lie: their paths, normal and with `/` in front. What has no place that could be one is
 * left out, as are devices, of which nothing can be recorded.
 * @throws RecordingUnreadable for more of them than any host has
 */
export function placesOf(
  entries: ReadonlyMap<string, RecordedEntry>,
): readonly (readonly [string, RecordedEntry])[] {
  if (entries.size > MOST_ENTRIES) throw tooMany(MOST_ENTRIES, 'files');
  const places: [string, RecordedEntry][] = [];
  const directories = new Set<string>(['/']);
  for (const [path, entry] of entries) {
    const place = posix.normalize(`/${path}`);
    const parts = place.split('/').filter((part) => part !== '');
    if (parts.length === 0 || parts[0] === 'dev' || !isReasonable(parts)) continue;
    if (entry.kind === 'link' && entry.target.includes('\0')) continue;
    let directory = entry.kind === 'directory' ? place : posix.dirname(place);
    for (; !directories.has(directory); directory = posix.dirname(directory)) directories.add(directory);
    if (directories.size > MOST_DIRECTORIES) throw tooMany(MOST_DIRECTORIES, 'directories');
    places.push([place, entry]);
  }
  return places;
}

/** @throws RecordingUnreadable for more domains than any host has */
export function expectDomains(count: number): void {
  if (count > MOST_DOMAINS) throw tooMany(MOST_DOMAINS, 'domains');
}

function tooMany(most: number, what: string): RecordingUnreadable {
  return new RecordingUnreadable(`holds more than ${most} ${what}, which no host has; who recorded it?`);
}
