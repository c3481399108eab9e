import { closeSync, constants, openSync, readSync } from 'node:fs';

const CHUNK_BYTES = 1024 * 1024;

/**
 * Reads a file, or standard input for `-`, piece by piece, so that a reader can stop at what is too much.
 * @throws the file system's error
 */
export function* inputChunks(path: string): Generator<Buffer> {
  const descriptor = path === '-' ? 0 : openSync(path, constants.O_RDONLY);
  try {
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const count = readChunk(descriptor, chunk);
      if (count === 0) return;
      yield chunk.subarray(0, count);
    }
  } finally {
    if (path !== '-') closeSync(descriptor);
  }
}

/** Waits for a pipe that is set not to be waited for, as some callers leave standard input. */
function readChunk(descriptor: number, chunk: Buffer): number {
  for (;;) {
    try {
      return readSync(descriptor, chunk);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}
