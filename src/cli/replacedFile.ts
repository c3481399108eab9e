import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DESCRIPTOR_LINK, writeAll } from './descriptors.js';
import { inRealDirectory, isOurs, isWritableByOthers, MOST_LINKS, trustedTarget } from './trustedLink.js';
import { UsageError } from './usageError.js';

/** The permissions of a new file. */
export interface NewFile {
  readonly mode: number;
  /** Whether it gets them whatever the umask is. */
  readonly exact: boolean;
}

/**
 * Replaces a regular file by way of a temporary one beside it, and keeps its owner and permissions; writes into devices
 * and pipes directly.
 * @returns what its owner has to know, or null
 * @throws Error with the code of a system call; what was in the file before is then still there
 */
export function replaceFile(file: string, text: string, created: NewFile): string | null {
  const place = placeOf(file);
  if (DESCRIPTOR_LINK.test(place)) {
    writeInto(place, text, constants.O_APPEND);
    return null;
  }
  const old = lstatSync(place, { throwIfNoEntry: false });
  if (old === undefined) return replace(place, text, created, null);
  if (old.isSymbolicLink()) {
    // Who reads what it led to would get no news any more.
    const remark = existsSync(place)
      ? `${place} was a link that others may have put there: it is the file itself now`
      : null;
    return replace(place, text, created, null) ?? remark;
  }
  if (old.isFile()) return replace(place, text, created, old);
  writeInto(place, text, constants.O_NOFOLLOW);
  return null;
}

/**
 * Where a file is to be written. A link that is not to be followed, and one that leads nowhere, is what is replaced, as
 * mv(1) does.
 */
function placeOf(file: string): string {
  let place = inRealDirectory(file);
  for (let links = 0; links < MOST_LINKS && !DESCRIPTOR_LINK.test(place) && existsSync(place); links++) {
    const target = trustedTarget(place);
    if (target === null) break;
    place = inRealDirectory(target);
  }
  return place;
}

/** Into what is no regular file. A pipe that was exchanged for a link or for somebody's file meanwhile is left alone. */
function writeInto(place: string, text: string, flags: number): void {
  const descriptor = openSync(place, constants.O_WRONLY | constants.O_NOCTTY | flags);
  try {
    if (flags === constants.O_NOFOLLOW && fstatSync(descriptor).isFile()) {
      throw new UsageError(`cannot write ${place}: somebody put another file there meanwhile`);
    }
    writeAll(descriptor, text);
  } finally {
    closeSync(descriptor);
  }
}

function replace(target: string, text: string, created: NewFile, old: Stats | null): string | null {
  // In a container a killed run may have had the same process ID and left its file behind.
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(8).toString('hex')}.tmp`);
  const kept = old && keptOf(target, old, created);
  const descriptor = openSync(temporary, 'wx', kept?.mode ?? created.mode);
  try {
    let remark: string | null = null;
    try {
      writeAll(descriptor, text);
      // Before the permissions, which are for the group that the file then has.
      if (old && kept) remark = keepOwner(descriptor, target, old, kept.isOwnerKept);
      if (kept || created.exact) fchmodSync(descriptor, kept?.mode ?? created.mode);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, target);
    return remark;
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/**
 * What a new file has of the old one. In a directory of somebody else, or one that others may write, such as /tmp, somebody
 * may have put the old one there to be given this one, or to be let read or write it.
 */
function keptOf(
  target: string,
  old: Stats,
  created: NewFile,
): { readonly mode: number; readonly isOwnerKept: boolean } {
  const mode = old.mode & 0o777;
  const isOwn = old.uid === process.geteuid?.() && old.nlink === 1;
  const directory = statSync(dirname(target));
  const isOwnerKept = isOwn || (isOurs(directory) && !isWritableByOthers(directory));
  return { mode: isOwnerKept ? mode : mode & created.mode & ~0o022, isOwnerKept };
}

/** @returns whose the file was and is, where that is not the same */
function keepOwner(descriptor: number, target: string, old: Stats, isKept: boolean): string | null {
  const { uid, gid } = fstatSync(descriptor);
  if (uid === old.uid && gid === old.gid) return null;
  if (isKept) {
    // Who may not give a file away may still give it to a group of his.
    for (const owner of uid === old.uid ? [-1] : [old.uid, -1]) {
      try {
        fchownSync(descriptor, owner, old.gid);
        break;
      } catch {
        // Whose it is in the end is told below.
      }
    }
  }
  const now = fstatSync(descriptor);
  if (now.uid === old.uid && now.gid === old.gid) return null;
  return `${target} was replaced: it belonged to ${old.uid}:${old.gid} (user:group) and belongs to ${now.uid}:${now.gid} now`;
}
