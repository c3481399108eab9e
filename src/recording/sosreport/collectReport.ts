import {
  closeSync,
  constants,
  type Dirent,
  existsSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
} from 'node:fs';
import { join } from 'node:path';
import { RecordingUnreadable } from '../recordingUnreadable.js';
import { archiveBytes, type Packing, type UnpackingLimits } from './archiveBytes.js';
import { type Collected, Collection, DEEPEST_TOP, isTooLarge } from './collected.js';
import { readTar, TarGarbled } from './tarMembers.js';

/** /sys has deep directories; a link is never followed, so that there is no way round in a circle. */
const DEEPEST = 24;

/** @throws RecordingUnreadable, or the file system's error for the archive itself */
export async function collectFromArchive(
  path: string,
  packing: Packing,
  limits?: UnpackingLimits,
): Promise<Collected> {
  const collection = new Collection();
  try {
    await readTar(
      archiveBytes(path, packing, limits),
      ({ path: member, kind, sizeBytes }) => {
        if (kind === 'other' || !collection.wants(member, kind)) return false;
        if (!isTooLarge(sizeBytes)) return true;
        collection.add(member, { kind: 'unreadable' }, 0);
        return false;
      },
      ({ path: member, kind, target, modifiedSeconds }, bytes) => {
        if (kind === 'file') collection.add(member, { kind, bytes }, modifiedSeconds);
        if (kind === 'link') collection.add(member, { kind, target }, modifiedSeconds);
        if (kind === 'directory') collection.add(member, { kind }, modifiedSeconds);
      },
    );
  } catch (error) {
    if (error instanceof TarGarbled) throw new RecordingUnreadable(error.message);
    throw error;
  }
  return collection.report();
}

/** @throws RecordingUnreadable, or the file system's error for the directory itself */
export function collectFromDirectory(path: string): Collected {
  const collection = new Collection();
  for (const top of tops(path, collection)) {
    if (top === '') walk(path, '', 0, collection);
    else descend(path, top, depthOf(top), collection);
  }
  return collection.report();
}

/** Looked into for a report's top; more than that is some other directory, such as all of a disk. */
const MOST_LOOKED_INTO = 1000;

/** The directories that reports begin in, this one or some below it. Nothing else is looked through. */
function tops(path: string, collection: Collection): string[] {
  const found: string[] = [];
  const places = [''];
  for (const place of places) {
    if (existsSync(join(path, place, 'sos_commands'))) found.push(place);
    else if (depthOf(place) < DEEPEST_TOP && places.length < MOST_LOOKED_INTO) {
      const below = entriesOf(join(path, place), place !== '');
      // For the sake of what is said where there is none: a directory of archives.
      for (const entry of below) if (entry.isFile()) collection.wants(entry.name, 'file');
      const names = below.filter((entry) => entry.isDirectory()).map(({ name }) => name);
      places.push(...names.map((name) => (place === '' ? name : `${place}/${name}`)));
    }
  }
  return found;
}

function depthOf(place: string): number {
  return place === '' ? 0 : place.split('/').length;
}

/** @param isBelow - whether it may also be one that cannot be read */
function entriesOf(directory: string, isBelow: boolean): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    if (isBelow) return [];
    throw error;
  }
}

function walk(top: string, below: string, depth: number, collection: Collection): void {
  for (const entry of readdirSync(join(top, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    const whole = join(top, path);
    if (entry.isDirectory()) {
      if (collection.wants(path, 'directory')) {
        collection.add(path, { kind: 'directory' }, lstatSync(whole).mtimeMs / 1000);
      }
      if (depth < DEEPEST) descend(top, path, depth + 1, collection);
    } else if (entry.isSymbolicLink() && collection.wants(path, 'link')) {
      collection.add(path, { kind: 'link', target: readlinkSync(whole) }, lstatSync(whole).mtimeMs / 1000);
    } else if (entry.isFile() && collection.wants(path, 'file')) {
      addFile(whole, path, collection);
    }
  }
}

/** A directory that may not be read leaves what is in it uncollected. */
function descend(top: string, path: string, depth: number, collection: Collection): void {
  try {
    walk(top, path, depth, collection);
  } catch (error) {
    if (error instanceof RecordingUnreadable) throw error;
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code !== 'EACCES' && code !== 'EPERM' && code !== 'ENOENT') throw error;
  }
}

function addFile(whole: string, path: string, collection: Collection): void {
  let file: number;
  try {
    file = openSync(whole, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    collection.add(path, { kind: 'unreadable' }, 0);
    return;
  }
  try {
    const { size, mtimeMs } = fstatSync(file);
    if (isTooLarge(size)) {
      collection.add(path, { kind: 'unreadable' }, 0);
      return;
    }
    const bytes = Buffer.alloc(size);
    let length = 0;
    for (;;) {
      const count = readSync(file, bytes, length, size - length, null);
      length += count;
      if (count === 0 || length === size) break;
    }
    collection.add(path, { kind: 'file', bytes: bytes.subarray(0, length) }, mtimeMs / 1000);
  } finally {
    closeSync(file);
  }
}
