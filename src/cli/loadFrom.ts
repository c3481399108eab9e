import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { Facts } from '../facts/facts.js';
import { FactsUnreadable, loadFacts } from '../facts/store.js';
import { RecordingUnreadable } from '../recording/recordingUnreadable.js';
import type { SourceOptions } from './options.js';
import { inWords } from './output.js';
import { UsageError } from './usageError.js';

/** A recording of a thousand domains has some 30 MiB. */
const MOST_BYTES = 512 * 1024 * 1024;

/**
 * Reads what `--from` names: facts that `collect` saved, a recording of the shell collector, or a report of sos. Which of
 * them it is, its content tells.
 * @throws UsageError when it cannot be read, or is nothing that an audit can be made from
 */
export async function loadFrom(path: string, options: SourceOptions): Promise<Facts> {
  const name = path === '-' ? 'standard input' : path;
  try {
    const { looksLikeSosreport, readSosreport } = await import('../recording/sosreport/sosreport.js');
    if (looksLikeSosreport(path)) {
      const { gatherRecording } = await import('./gatherRecording.js');
      return await gatherRecording(await readSosreport(path), options);
    }
    const bytes = await unpacked(readAll(path));
    const { looksLikeRecording, readRecording } = await import('../recording/stream.js');
    if (looksLikeRecording(bytes)) {
      const { gatherRecording } = await import('./gatherRecording.js');
      return await gatherRecording(readRecording(bytes, name), options);
    }
    return loadFacts(bytes.toString('utf8'));
  } catch (error) {
    if (error instanceof FactsUnreadable || error instanceof RecordingUnreadable) {
      throw new UsageError(`${name} ${error.message}`);
    }
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(
      code === 'ENOENT' ? `${path} does not exist` : `${name} cannot be read: ${inWords(error)}`,
    );
  }
}

/** A recording may be kept as `collect.sh | gzip` leaves it. */
async function unpacked(bytes: Buffer): Promise<Buffer> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const { gunzipSync } = await import('node:zlib');
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_BYTES });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw new RecordingUnreadable(`cannot be unpacked: ${message}; copy it again`);
  }
}

function readAll(path: string): Buffer {
  const descriptor = path === '-' ? 0 : openSync(path, constants.O_RDONLY);
  try {
    const chunks: Buffer[] = [];
    let length = 0;
    for (;;) {
      const chunk = Buffer.allocUnsafe(
        Math.min(Math.max(fstatSync(descriptor).size + 1, 64 * 1024), 1 << 24),
      );
      const count = readChunk(descriptor, chunk);
      if (count === 0) return Buffer.concat(chunks, length);
      length += count;
      if (length > MOST_BYTES) throw tooLarge();
      chunks.push(chunk.subarray(0, count));
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

function tooLarge(): RecordingUnreadable {
  return new RecordingUnreadable(
    `holds more than ${MOST_BYTES / 1024 / 1024} MiB, far more than any host's facts`,
  );
}
