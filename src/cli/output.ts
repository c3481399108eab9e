import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from './usageError.js';

/**
 * Writes a report: to standard output, or to a file that is replaced as a whole. Everything is written when
 * this returns, so that the process may be ended at once.
 * @param mode - the permissions of a file that does not exist yet
 * @param exact - whether it gets them whatever the umask is
 * @throws UsageError when it cannot be written; what was in the file before is then still there
 */
export function writeOutput(text: string, file: string | undefined, mode = 0o644, exact = false): void {
  if (file === undefined || file === '-') writeStandardOutput(text);
  else replaceFile(file, text, mode, exact);
}

function writeStandardOutput(text: string): void {
  try {
    writeAll(1, text);
  } catch (error) {
    throw new UsageError(`cannot write to standard output: ${inWords(error)}`);
  }
}

/** Writes to a descriptor, waiting for a slow reader; a reader that went away is no error. */
export function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') return;
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

/**
 * Replaces a regular file by way of a temporary one beside it, and keeps its permissions; writes into devices and pipes
 * directly.
 */
export function replaceFile(file: string, text: string, mode = 0o644, exact = false): void {
  try {
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats === undefined) replace(newFile(file), text, mode, exact);
    else if (stats.isFile()) replace(realpathSync(file), text, stats.mode & 0o777, true);
    else writeAndClose(openSync(file, 'w'), text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UsageError(`cannot write ${file}: ${inWords(error)}`);
  }
}

/** What the errors mean that come up with files. */
const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not',
  EEXIST: 'it exists already',
  EPERM: 'this user may not',
  EROFS: 'the file system is read-only',
  ENOENT: 'there is no such file or directory',
  ENOTDIR: 'a part of the path is no directory',
  EISDIR: 'it is a directory, and a file is wanted',
  ENOSPC: 'the device is full',
  EDQUOT: 'the quota is used up',
  EFBIG: 'it would be larger than a file may be',
  ELOOP: 'too many links lead to each other',
  ENAMETOOLONG: 'the name is too long',
};

/**
 * What a system call failed for, in words and with its code. A message of Node's own would name temporary files that
 * nobody asked for.
 */
export function inWords(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const words = code === undefined ? undefined : WORDS[code];
  return words === undefined ? message : `${words} (${code})`;
}

/** Where a file that does not exist yet is to be: a link may point there. */
function newFile(file: string): string {
  const link = lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink();
  return link ? resolve(dirname(file), readlinkSync(file)) : file;
}

function replace(target: string, text: string, mode: number, exact: boolean): void {
  // In a container a killed run may have had the same process ID and left its file behind.
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(8).toString('hex')}.tmp`);
  const descriptor = openSync(temporary, 'wx', mode);
  try {
    writeAndClose(descriptor, text, () => {
      if (exact) fchmodSync(descriptor, mode);
      fsyncSync(descriptor);
    });
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function writeAndClose(descriptor: number, text: string, beforeClosing = () => {}): void {
  try {
    writeAll(descriptor, text);
    beforeClosing();
  } finally {
    closeSync(descriptor);
  }
}
