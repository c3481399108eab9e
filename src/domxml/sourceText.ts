import { isUtf8 } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { XmlError } from './xmlError.js';

/** libvirt's own limit on a string in its protocol (`REMOTE_STRING_MAX`): no domain XML can be longer. */
export const MAX_BYTES = 4 * 1024 * 1024;

/** A file that is too large to be a domain. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';
  constructor() {
    super(`is larger than ${MAX_BYTES / 1024 / 1024} MiB, libvirt's own limit for a domain's XML`);
  }
}

/** A pipe that nobody wrote into in time. */
export class NothingArrived extends Error {
  override readonly name = 'NothingArrived';
}

const PAUSE_SECONDS = 0.02;

/**
 * Reads a file, a pipe or standard input, never more than {@link MAX_BYTES} of it.
 * @param path - `-` for standard input
 * @param deadlineSeconds - the longest wait for a named pipe
 * @throws TooLarge, NothingArrived, XmlError when it is no UTF-8, or the file system's error
 */
export function readSourceText(path: string, deadlineSeconds: number): string {
  // Opening a pipe that nobody writes into would otherwise block for ever.
  const descriptor = path === '-' ? 0 : openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(descriptor);
    if (stats.size > MAX_BYTES) throw new TooLarge();
    const patience = path !== '-' && stats.isFIFO() ? deadlineSeconds : null;
    return decode(readUpToLimit(descriptor, stats.size, patience));
  } finally {
    if (path !== '-') closeSync(descriptor);
  }
}

/**
 * @param expected - the size where it is known; 0 for a pipe
 * @param patience - seconds to wait for a named pipe; null for anything else
 */
function readUpToLimit(descriptor: number, expected: number, patience: number | null): Buffer {
  const chunks: Buffer[] = [];
  let length = 0;
  let waitedSeconds = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(length === 0 && expected > 0 ? expected + 1 : 64 * 1024);
    const count = readChunk(descriptor, chunk);
    if (count > 0) {
      length += count;
      if (length > MAX_BYTES) throw new TooLarge();
      chunks.push(chunk.subarray(0, count));
    } else if (count === 0 && (length > 0 || patience === null)) {
      return Buffer.concat(chunks, length);
    } else {
      // Before its writer comes a pipe looks empty, and while the writer pauses it has nothing to give.
      if (patience !== null && waitedSeconds > patience) throw new NothingArrived();
      waitedSeconds += PAUSE_SECONDS;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_SECONDS * 1000);
    }
  }
}

/** @returns the number of bytes, 0 at the end, -1 when there are none yet */
function readChunk(descriptor: number, chunk: Buffer): number {
  try {
    return readSync(descriptor, chunk);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return -1;
    throw error;
  }
}

function decode(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  if (isUtf8(bytes)) return text;
  const lines = text.slice(0, firstBadCharacter(bytes, text)).split('\n');
  throw new XmlError('is not UTF-8', lines.length, (lines.at(-1)?.length ?? 0) + 1);
}

/** Decoding puts U+FFFD in the place of every bad byte; a file may also hold genuine ones before that. */
function firstBadCharacter(bytes: Buffer, text: string): number {
  let index = text.indexOf('\uFFFD');
  let offset = Buffer.byteLength(text.slice(0, index));
  while (bytes.subarray(offset, offset + 3).toString('latin1') === '\u00ef\u00bf\u00bd') {
    const next = text.indexOf('\uFFFD', index + 1);
    offset += Buffer.byteLength(text.slice(index, next));
    index = next;
  }
  return index;
}
