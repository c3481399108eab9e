import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { constants as osConstants } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type Koffi from 'koffi';
import { makePrivateDirectory } from './stateDirectory.js';

/** `LOCK_EX` and `LOCK_NB` of flock(2) */
const LOCK_EX = 2;
const LOCK_NB = 4;
const POLL_MILLISECONDS = 100;

/** Thrown when the lock cannot be had; the message tells who has it, or what is in the way. */
export class LockUnavailable extends Error {
  override readonly name = 'LockUnavailable';

  /** @param code - of the system call that failed, such as `EROFS`; null when another run has the lock */
  constructor(
    message: string,
    readonly code: string | null,
  ) {
    super(message);
  }
}

/** The right to do something alone, until it is released. The kernel releases it for a process that dies. */
export interface Lock {
  release(): void;
}

/** Which lock, and what it is for. */
export interface LockWish {
  /** The file; made where it is not there. A symbolic link is not followed. */
  readonly path: string;
  /** Whose file it has to be. */
  readonly uid: number;
  /** How long another run may take to finish; 0 to be told at once. */
  readonly waitSeconds: number;
  /** What the run does that has the lock, as in `another run is changing definitions`. */
  readonly doing: string;
}

/**
 * Makes sure that no other run of this user changes definitions at the same time.
 * @param directory - private to the user; made where it is not there
 * @param waitSeconds - how long another run may take to finish
 * @throws LockUnavailable
 */
export async function takeLock(directory: string, uid: number, waitSeconds: number): Promise<Lock> {
  const path = join(directory, 'apply.lock');
  try {
    makePrivateDirectory(directory, uid);
  } catch (error) {
    throw cannotOpen(path, error);
  }
  return takeFileLock({ path, uid, waitSeconds, doing: 'changing definitions' });
}

/**
 * Takes the lock of a file with flock(2), which lives no longer than the process: a file that is left behind locks nothing.
 * @throws LockUnavailable
 */
export async function takeFileLock({ path, uid, waitSeconds, doing }: LockWish): Promise<Lock> {
  const descriptor = openOwn(path, uid);
  const koffi = createRequire(import.meta.url)('koffi') as typeof Koffi;
  const flock = koffi.load('libc.so.6').func('int flock(int descriptor, int operation)');
  const deadline = performance.now() + waitSeconds * 1000;
  while (flock(descriptor, LOCK_EX | LOCK_NB) !== 0) {
    const number = koffi.errno();
    const { EWOULDBLOCK, EINTR } = osConstants.errno;
    const isTaken = number === EWOULDBLOCK || number === EINTR;
    if (isTaken && performance.now() < deadline) {
      await sleep(POLL_MILLISECONDS);
      continue;
    }
    const holder = readFileSync(descriptor, 'latin1').match(/^\d+/)?.[0];
    closeSync(descriptor);
    if (!isTaken) throw new LockUnavailable(`the lock ${path} cannot be taken: error ${number}`, `${number}`);
    const other = `another run${holder ? ` (process ${holder})` : ''}`;
    throw new LockUnavailable(`${other} is ${doing}; wait for it to finish (lock ${path})`, null);
  }
  try {
    ftruncateSync(descriptor);
    writeSync(descriptor, `${process.pid}\n`, 0);
  } catch {
    // It only tells others whose it is; a full disk does not make the lock less ours.
  }
  return {
    release() {
      ftruncateSync(descriptor);
      closeSync(descriptor);
    },
  };
}

/** Others could keep a lock of theirs for ever, and a pipe would be waited for. */
function openOwn(path: string, uid: number): number {
  let descriptor: number;
  try {
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    descriptor = openSync(path, flags, 0o600);
  } catch (error) {
    throw cannotOpen(path, error);
  }
  const stats = fstatSync(descriptor);
  const isOwn = stats.isFile() && stats.uid === uid;
  if (isOwn && isLock(descriptor, stats.size)) return descriptor;
  closeSync(descriptor);
  const what = isOwn ? 'holds something else than a lock does' : 'is not a file of this user';
  throw new LockUnavailable(`the lock ${path} ${what}; remove it, or name another place`, 'EACCES');
}

/** It is emptied when it is taken: a file of somebody's that is only called so is left alone. */
function isLock(descriptor: number, size: number): boolean {
  const content = Buffer.alloc(32);
  return (
    size < content.length &&
    /^\d*\n?$/.test(content.toString('latin1', 0, readSync(descriptor, content, { position: 0 })))
  );
}

function cannotOpen(path: string, error: unknown): LockUnavailable {
  const { code, message: words } = error as NodeJS.ErrnoException;
  const isLink = code === 'ELOOP' && lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink();
  const message = isLink ? 'it is a link, which is not followed' : words;
  return new LockUnavailable(`the lock ${path} cannot be opened: ${message}`, code ?? 'EACCES');
}
