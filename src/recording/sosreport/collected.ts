import { isReasonable } from '../recordedPlaces.js';
import type { RecordedEntry } from '../recording.js';
import { RecordingUnreadable } from '../recordingUnreadable.js';
import { isWanted, LARGEST_FILE_BYTES, MOST_BYTES, MOST_FILES, MOST_SEEN } from './wanted.js';

/** What a report holds at a path. */
export interface CollectedEntry {
  readonly entry: RecordedEntry;
  /** When sos wrote it, in seconds since 1970; unpacking and `sos clean` may have changed that. */
  readonly modifiedSeconds: number;
}

/** What an audit can use of a report, by the paths below its top. */
export type Collected = ReadonlyMap<string, CollectedEntry>;

/** How deep a report's top may lie: people pack a report in a directory of their own. */
export const DEEPEST_TOP = 3;

/** Gathers what is wanted of a report whose top is not known until its last member was seen. */
export class Collection {
  readonly #entries = new Map<string, CollectedEntry>();
  #bytes = 0;
  #seen = 0;
  #innerReport: string | null = null;

  /**
   * Whether it is worth reading, wherever the report's top turns out to be.
   * @param path - as the archive or the directory has it
   * @throws RecordingUnreadable when there is no end of it
   */
  wants(path: string, kind: 'file' | 'link' | 'directory'): boolean {
    const parts = partsOf(path);
    if (++this.#seen > MOST_SEEN)
      throw new RecordingUnreadable(`holds more than ${MOST_SEEN} files; is it a sosreport?`);
    if (kind === 'file' && /^(sosreport|sos)-.*\.tar(\.\w+)?$/.test(parts?.at(-1) ?? '')) {
      this.#innerReport ??= parts?.at(-1) ?? null;
    }
    if (parts === null) return false;
    const tops = Math.min(DEEPEST_TOP, parts.length - 1);
    for (let top = 0; top <= tops; top++) {
      if (isWanted(parts.slice(top).join('/'), kind)) return true;
    }
    return false;
  }

  /** @throws RecordingUnreadable beyond every report's bounds */
  add(path: string, entry: RecordedEntry, modifiedSeconds: number): void {
    const parts = partsOf(path);
    if (parts === null) return;
    this.#bytes += entry.kind === 'file' ? entry.bytes.length : 0;
    if (this.#entries.size >= MOST_FILES || this.#bytes > MOST_BYTES) {
      throw new RecordingUnreadable('holds more of what is read than any sosreport');
    }
    // Of two alike the later one would have been unpacked over the first.
    this.#entries.set(parts.join('/'), { entry, modifiedSeconds });
  }

  /** @throws RecordingUnreadable where there is no report, or more than one */
  report(): Collected {
    const tops = new Set(
      [...this.#entries.keys()].flatMap((path) => {
        const found = /^(.*\/)?sos_commands(?:\/.*)?$/.exec(path);
        return found ? [found[1] ?? ''] : [];
      }),
    );
    const [top, ...others] = tops;
    if (top === undefined) {
      throw new RecordingUnreadable(
        this.#innerReport === null
          ? 'is no sosreport: there is no sos_commands in it'
          : `holds other sosreports, such as ${this.#innerReport}; unpack it, and name one of them`,
      );
    }
    if (others.length > 0) {
      throw new RecordingUnreadable(`holds ${tops.size} sosreports, such as ${top}; unpack it, and name one`);
    }
    const below = [...this.#entries].filter(([path]) => path.startsWith(top));
    return new Map(below.map(([path, collected]) => [path.slice(top.length), collected]));
  }
}

/** Whether a file is too large to be what its name says. */
export function isTooLarge(sizeBytes: number): boolean {
  return sizeBytes > LARGEST_FILE_BYTES;
}

/** The parts of a path below the top; null for one that leads elsewhere, or is too long for any file system. */
function partsOf(path: string): string[] | null {
  if (path.length > 4096 || path.includes('\0') || path.startsWith('/')) return null;
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return parts.length === 0 || parts.includes('..') || !isReasonable(parts) ? null : parts;
}
