import { closeSync, constants, fstatSync, openSync, read, readSync, type Stats } from 'node:fs';
import { createRequire } from 'node:module';
import type Net from 'node:net';
import { isatty } from 'node:tty';
import { promisify } from 'node:util';

/** A pipe that nobody wrote into in time. */
export class NothingArrived extends Error {
  override readonly name = 'NothingArrived';
}

const SMALL_BYTES = 64 * 1024;
const LARGE_BYTES = 1024 * 1024;
/** How long to wait for a device that has nothing to give, in milliseconds. */
const PAUSE_MILLISECONDS = 20;

let unfinished = 0;

/**
 * Whether something is still being read that may give nothing for ever. Node's own exit would wait for it (see
 * cli/leave.ts).
 */
export function hasUnfinishedReads(): boolean {
  return unfinished > 0;
}

/**
 * Reads a file, a pipe, a device or standard input piece by piece, so that a reader can stop at what is too much. What
 * may have to be waited for does not block this process: it would be deaf to signals that it handles.
 * @param path - `-` for standard input
 * @param deadlineSeconds - the longest wait for a named pipe; without it there is none, as for standard input
 * @throws NothingArrived, or the file system's error
 */
export async function* inputBytes(path: string, deadlineSeconds?: number): AsyncGenerator<Buffer> {
  if (path === '-') {
    yield* standardInput();
    return;
  }
  // Opening a pipe that nobody writes into would otherwise block for ever.
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  let isOpen = true;
  try {
    const stats = fstatSync(descriptor);
    if (stats.isFIFO()) {
      const pipe = openPipe(descriptor);
      isOpen = false;
      yield* waitedFor(pipeBytes(pipe, deadlineSeconds));
    } else {
      yield* bytesOf(descriptor, stats);
    }
  } finally {
    if (isOpen) closeSync(descriptor);
  }
}

function standardInput(): AsyncIterable<Buffer> | Iterable<Buffer> {
  const stats = fstatSync(0);
  return stats.isFIFO() || stats.isSocket() || isatty(0) ? waitedFor(process.stdin) : bytesOf(0, stats);
}

function bytesOf(descriptor: number, stats: Stats): AsyncIterable<Buffer> | Iterable<Buffer> {
  return stats.isCharacterDevice() ? waitedFor(deviceBytes(descriptor)) : fileBytes(descriptor, stats.size);
}

async function* waitedFor(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  unfinished++;
  try {
    yield* bytes;
  } finally {
    unfinished--;
  }
}

function* fileBytes(descriptor: number, size: number): Generator<Buffer> {
  for (;;) {
    const chunk = Buffer.allocUnsafe(size < SMALL_BYTES ? SMALL_BYTES : LARGE_BYTES);
    const count = readSync(descriptor, chunk);
    if (count === 0) return;
    yield chunk.subarray(0, count);
  }
}

async function* deviceBytes(descriptor: number): AsyncGenerator<Buffer> {
  for (;;) {
    const bytes = await readDevice(descriptor, Buffer.allocUnsafe(SMALL_BYTES));
    if (bytes.length === 0) return;
    yield bytes;
  }
}

async function readDevice(descriptor: number, chunk: Buffer): Promise<Buffer> {
  for (;;) {
    try {
      const { bytesRead } = await promisify(read)(descriptor, chunk, 0, chunk.length, null);
      return chunk.subarray(0, bytesRead);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MILLISECONDS));
    }
  }
}

/** Loading what reads it takes as long as reading ten files, and most runs read no pipe. */
function openPipe(descriptor: number): Net.Socket {
  const { Socket } = createRequire(import.meta.url)('node:net') as typeof Net;
  return new Socket({ fd: descriptor, readable: true, writable: false });
}

/**
 * Waiting for events tells a pipe whose writer has not come yet from one whose writer has gone; to read it gives nothing
 * in both.
 * @see fifo_open and pipe_poll in the kernel's fs/pipe.c
 */
async function* pipeBytes(pipe: Net.Socket, deadlineSeconds: number | undefined): AsyncGenerator<Buffer> {
  const forget = deadlineSeconds === undefined ? () => undefined : endAfter(deadlineSeconds, pipe);
  try {
    yield* pipe;
  } finally {
    forget();
  }
}

function endAfter(seconds: number, pipe: Net.Socket): () => void {
  let timer: NodeJS.Timeout;
  const start = () => {
    timer = setTimeout(() => {
      const before = pipe.bytesRead;
      // What arrived while this process was not run is read before this is called.
      setImmediate(() => {
        if (pipe.destroyed) return;
        if (pipe.bytesRead > before) start();
        else pipe.destroy(new NothingArrived());
      });
    }, seconds * 1000);
  };
  start();
  return () => clearTimeout(timer);
}
