import {
  closeSync,
  fsyncSync,
  lstatSync,
  openSync,
  realpathSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UsageError } from './usageError.js';

/**
 * Writes a report: to standard output, or to a file that is replaced as a whole. Everything is written when
 * this returns, so that the process may be ended at once.
 * @throws UsageError when the file cannot be written; what was there before is then still there
 */
export function writeOutput(text: string, file: string | undefined): void {
  if (file === undefined) writeAll(1, text);
  else replaceFile(file, text);
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

/** Replaces a regular file by way of a temporary one beside it; writes into devices and pipes directly. */
export function replaceFile(file: string, text: string): void {
  try {
    const target = resolveTarget(file);
    if (target === null) writeInto(file, text, 'w');
    else replace(target, text);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UsageError(`cannot write ${file}: ${message}`);
  }
}

/** The regular file behind a path, which may not exist yet, or null for anything else. */
function resolveTarget(file: string): string | null {
  try {
    const path = realpathSync(file);
    const stats = lstatSync(path);
    return stats.isFile() || stats.isDirectory() ? path : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return file;
  }
}

function replace(target: string, text: string): void {
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
  try {
    writeInto(temporary, text, 'wx');
    renameSync(temporary, target);
  } catch (error) {
    try {
      unlinkSync(temporary);
    } catch {
      // It was never made, or is gone already.
    }
    throw error;
  }
}

function writeInto(path: string, text: string, flag: 'w' | 'wx'): void {
  const descriptor = openSync(path, flag, 0o644);
  try {
    writeAll(descriptor, text);
    if (flag === 'wx') fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
