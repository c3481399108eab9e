import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** Thrown for a file that holds more than anybody should read, or that is no file. */
export class NotReadable extends Error {
  override readonly name = 'NotReadable';
}

/**
 * Reads a small file, also one below `/proc` that does not tell its size. Never waits for a pipe and never follows
 * a link in the last place, for a user's own directory may hold either.
 * @param maxBytes - the most it may hold
 * @throws NotReadable, or the file system's error
 */
export function readBounded(path: string, maxBytes: number): Buffer {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    if (!fstatSync(descriptor).isFile()) throw new NotReadable(`${path} is no regular file`);
    const chunks: Buffer[] = [];
    let length = 0;
    for (;;) {
      const chunk = Buffer.allocUnsafe(16 * 1024);
      const count = readSync(descriptor, chunk);
      if (count === 0) return Buffer.concat(chunks, length);
      length += count;
      if (length > maxBytes) throw new NotReadable(`${path} holds more than ${maxBytes} bytes`);
      chunks.push(chunk.subarray(0, count));
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Reads a file as {@link readBounded} does. */
export type ReadFile = (path: string, maxBytes: number) => Buffer;

/** To open a file takes as long as to read this much. */
const OPENING_BYTES = 1024;

/**
 * Makes a {@link readBounded} that has an end: with files of a machine that was written down, each may be named for as many
 * domains as somebody likes.
 * @param mostBytes - of all files together
 * @returns what throws NotReadable for each file after that
 */
export function readBoundedInAll(mostBytes: number): ReadFile {
  let left = mostBytes;
  return (path, maxBytes) => {
    if (left <= 0) {
      throw new NotReadable(`the processes before it hold more than ${mostBytes} bytes, which no host has`);
    }
    left -= OPENING_BYTES;
    const bytes = readBounded(path, maxBytes);
    left -= bytes.length;
    return bytes;
  };
}
