import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { beforeEnding } from '../commands/ending.js';
import { placesOf } from './recordedPlaces.js';
import type { RecordedEntry } from './recording.js';
import { RecordingNotLaidOut } from './recordingUnreadable.js';

/** A directory that stands for the `/` of a recorded machine. */
export interface RecordedTree {
  readonly root: string;
  remove(): void;
}

/** What a process has open: nothing reads through these links, but what they say is looked at. */
const OPEN_FILE = /^\/proc\/\d{1,10}\/fd\/\d{1,10}$/;
const PTP_DEVICE = /^\/dev\/ptp\d{1,7}$/;
const PROC = /^\/proc(?:\/|$)/;
/** The description of two thousand processors; what else is read there is smaller. */
const LARGEST_PROC_BYTES = 4 * 1024 * 1024;
/** No file elsewhere that a reader takes is larger; an attribute in /sys is a page. */
const LARGEST_BYTES = 64 * 1024;
/** A unit that is masked. */
const UNIT = /^\/(?:etc|run|lib|usr\/lib)\/systemd\/system\/(?:[^/]+\/)?[^/]+\.\w+$/;

/**
 * Writes recorded files where the readers of a host can read them. No link leads out of the directory, whatever the
 * recording holds: all are made relative, and none lies behind another. Those that have to say which device a process has
 * open are not to be reached through any other: to read a device of this machine may take for ever.
 * @throws RecordingUnreadable for more than any host has, RecordingNotLaidOut as for a full disk; nothing is left then
 */
export function layTree(entries: ReadonlyMap<string, RecordedEntry>): RecordedTree {
  const places = placesOf(entries);
  const directory = tmpdir();
  let root: string | null = null;
  // Before it is made: a signal would end the process between the two.
  const remove = removal(() => root);
  try {
    root = mkdtempSync(join(directory, 'virt-clock-audit-'));
    root = realpathSync(root);
    const links: string[] = [];
    const devices = new Map<string, string>();
    for (const [path, entry] of places) {
      const place = join(root, path);
      if (!lay(place, path, entry) || entry.kind !== 'link') continue;
      if (isOpenDevice(path, entry.target)) devices.set(place, entry.target);
      else links.push(place);
    }
    if (devices.size > 0) layDevices(devices, links);
    return { root, remove };
  } catch (error) {
    remove();
    throw new RecordingNotLaidOut(directory, error);
  }
}

/** What removes a directory now, and however this process ends: what is in it is another machine's. */
function removal(root: () => string | null): () => void {
  const remove = () => {
    const made = root();
    if (made !== null) rmSync(made, { recursive: true, force: true });
  };
  const forget = beforeEnding(remove);
  return () => {
    remove();
    forget();
  };
}

/** @returns whether it lies there now */
function lay(place: string, path: string, entry: RecordedEntry): boolean {
  try {
    if (entry.kind === 'directory') {
      mkdirSync(place, { recursive: true });
      return true;
    }
    mkdirSync(dirname(place), { recursive: true });
    // Behind a link a relative target would start from another depth than its path tells.
    if (realpathSync.native(dirname(place)) !== dirname(place)) return false;
    if (isClosed(path, entry)) symlinkSync(posix.basename(place), place);
    else if (entry.kind === 'file') writeFileSync(place, entry.bytes, { flag: 'wx', mode: 0o600 });
    else if (entry.kind === 'link' && isOpenDevice(path, entry.target)) {
      writeFileSync(place, '', { flag: 'wx', mode: 0o600 });
    } else if (entry.kind === 'link') symlinkSync(targetOf(path, entry.target), place);
    return true;
  } catch (error) {
    // Two records of one path, or a file where another record has a directory: the first one stands. A link that leads
    // nowhere in the place of a directory is ENOENT.
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['EEXIST', 'ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EISDIR'].includes(code)) throw error;
    return false;
  }
}

/**
 * What is closed to readers: what was so when it was recorded, and what would have them read one thing again and again. A
 * file below /proc that is reached by thousands of links is that, and one that is large wherever it is.
 */
function isClosed(path: string, entry: RecordedEntry): boolean {
  if (entry.kind === 'link') return PROC.test(path) && !OPEN_FILE.test(path);
  if (entry.kind !== 'file') return entry.kind === 'unreadable';
  return entry.bytes.length > (PROC.test(path) ? LARGEST_PROC_BYTES : LARGEST_BYTES);
}

function isOpenDevice(path: string, target: string): boolean {
  return OPEN_FILE.test(path) && PTP_DEVICE.test(target);
}

/**
 * Puts the links to devices in the place of the files that were laid for them. A link that leads to one, or to the
 * directory that it is in, is made one to itself before.
 */
function layDevices(devices: ReadonlyMap<string, string>, links: readonly string[]): void {
  const closed = new Set([...devices.keys()].flatMap((place) => [place, dirname(place)]));
  for (const place of links) {
    const end = endOf(place);
    if (end === null || !closed.has(end)) continue;
    unlinkSync(place);
    symlinkSync(posix.basename(place), place);
  }
  for (const [place, target] of devices) {
    unlinkSync(place);
    symlinkSync(target, place);
  }
}

/** Where a link leads in the end; null for nowhere. */
function endOf(place: string): string | null {
  try {
    return realpathSync.native(place);
  } catch {
    return null;
  }
}

/** A link to itself cannot be read, which is what an unreadable file is laid as; any other leads to where it did. */
function targetOf(path: string, target: string): string {
  if (target === '/dev/null' && UNIT.test(path)) return target;
  const directory = posix.dirname(path);
  const absolute = posix.resolve(directory, target);
  return posix.relative(directory, absolute) || '.';
}
