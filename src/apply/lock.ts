import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
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
}

/** The right to change definitions, until it is released. The kernel releases it for a process that dies. */
export interface Lock {
  release(): void;
}

/**
 * Makes sure that no other run of this user changes definitions at the same time.
 * @param directory - private to the user; made where it is not there
 * @param waitSeconds - how long another run may take to finish
 * @throws LockUnavailable
 */
export async function takeLock(directory: string, uid: number, waitSeconds: number): Promise<Lock> {
  const path = join(directory, 'apply.lock');
  let descriptor: number;
  try {
    makePrivateDirectory(directory, uid);
    descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  } catch (error) {
    throw new LockUnavailable(`the lock ${path} cannot be opened: ${(error as Error).message}`);
  }
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
    throw new LockUnavailable(
      isTaken
        ? `another run${holder ? ` (process ${holder})` : ''} is changing definitions; wait for it to finish (lock ${path})`
        : `the lock ${path} cannot be taken: error ${number}`,
    );
  }
  ftruncateSync(descriptor);
  writeSync(descriptor, `${process.pid}\n`, 0);
  return {
    release() {
      ftruncateSync(descriptor);
      closeSync(descriptor);
    },
  };
}
