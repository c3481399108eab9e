import { spawn } from 'node:child_process';
import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { constants, createGunzip, gunzipSync } from 'node:zlib';
import { findCommand } from '../../commands/command.js';
import { RecordingUnreadable } from '../recordingUnreadable.js';
import { isHeader, TAR_BLOCK_BYTES } from './tarHeader.js';

/** How an archive is packed. */
export type Packing = 'tar' | 'gzip' | 'xz' | 'bzip2';

const MAGIC: readonly (readonly [Packing, Buffer])[] = [
  ['gzip', Buffer.from([0x1f, 0x8b, 0x08])],
  ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])],
  ['bzip2', Buffer.from('BZh')],
];

/**
 * How the archive is packed that begins with these bytes; null for what is none.
 * @param start - the first {@link TAR_BLOCK_BYTES} of it, or fewer where it has no more
 */
export function packingOf(start: Buffer): Packing | null {
  const packed = MAGIC.find(([, magic]) => start.subarray(0, magic.length).equals(magic));
  if (packed) return packed[0];
  return start.length >= TAR_BLOCK_BYTES && isHeader(start) ? 'tar' : null;
}

/** Whether what is packed with gzip is an archive, as far as its beginning tells. */
export function holdsTar(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const packed = Buffer.alloc(64 * 1024);
    const start = packed.subarray(0, readSync(file, packed));
    const unpacked = gunzipSync(start, {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: 128 * 1024 * 1024,
    });
    return packingOf(unpacked.subarray(0, TAR_BLOCK_BYTES)) === 'tar';
  } catch {
    // It is damaged at its very beginning, or holds nothing but repetitions.
    return false;
  } finally {
    closeSync(file);
  }
}

/** What unpacking an archive may take. */
export interface UnpackingLimits {
  readonly bytes: number;
  readonly seconds: number;
}

/** A compute node's report with all its logs is some gigabytes. */
const USUAL_LIMITS: UnpackingLimits = { bytes: 32 * 1024 ** 3, seconds: 600 };

/**
 * The archive's bytes, unpacked on their way: nothing is written anywhere.
 * @throws RecordingUnreadable for one that is damaged, takes too long or grows beyond every report
 */
export async function* archiveBytes(
  path: string,
  packing: Packing,
  { bytes, seconds }: UnpackingLimits = USUAL_LIMITS,
): AsyncGenerator<Buffer> {
  const deadline = performance.now() + seconds * 1000;
  let count = 0;
  for await (const chunk of unpacked(path, packing, seconds)) {
    count += chunk.length;
    if (count > bytes)
      throw new RecordingUnreadable(`unpacks to more than ${bytes} bytes; unpack it yourself`);
    if (performance.now() > deadline) throw tooSlow(seconds);
    yield chunk;
  }
}

function tooSlow(seconds: number): RecordingUnreadable {
  return new RecordingUnreadable(`could not be unpacked within ${seconds} s; unpack it yourself`);
}

async function* unpacked(path: string, packing: Packing, seconds: number): AsyncGenerator<Buffer> {
  if (packing === 'xz' || packing === 'bzip2') {
    yield* throughCommand(path, packing, seconds);
    return;
  }
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  if (packing === 'tar') {
    yield* file;
    return;
  }
  const gunzip = createGunzip();
  file.on('error', (error) => gunzip.destroy(error));
  try {
    yield* file.pipe(gunzip);
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (!/^Z_/.test(code)) throw error;
    if (code === 'Z_BUF_ERROR') throw cutOff();
    throw new RecordingUnreadable(`is a damaged gzip file: ${message}`);
  } finally {
    file.destroy();
  }
}

/** What xz and bzip2 say of it; bzip2 makes two lines of it. */
const CUT_OFF = /Unexpected end of input|file ends\s+unexpectedly/;

/** Where bytes are garbled, more may seem to follow than there are. */
function cutOff(): RecordingUnreadable {
  return new RecordingUnreadable('was cut off in the middle, or is damaged');
}

/** Node cannot unpack these; the system's command can, which gets the file as its standard input and no name. */
async function* throughCommand(path: string, command: string, seconds: number): AsyncGenerator<Buffer> {
  const program = findCommand(command, '/');
  if (program === null) {
    throw new RecordingUnreadable(
      `is packed with ${command}, which is not installed; install it, or unpack it`,
    );
  }
  const file = createReadStream(path);
  const child = spawn(program, ['--decompress', '--stdout'], {
    env: { LC_ALL: 'C' },
    timeout: Math.ceil(seconds * 1000),
    killSignal: 'SIGKILL',
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = `${said}${chunk.toString('latin1')}`.slice(0, 200);
  });
  const ended = new Promise<number | null>((resolve) => {
    child.on('error', () => resolve(null));
    child.on('close', (code) => resolve(code));
  });
  // It stops reading where the file is damaged; what it says then tells more.
  child.stdin.on('error', () => file.destroy());
  file.on('error', (error) => child.stdout.destroy(error));
  file.pipe(child.stdin);
  try {
    yield* child.stdout;
    const exitCode = await ended;
    if (child.signalCode !== null) throw tooSlow(seconds);
    if (exitCode !== 0) {
      if (CUT_OFF.test(said)) throw cutOff();
      const words = said.trim().split('\n')[0];
      throw new RecordingUnreadable(`could not be unpacked with ${command}${words && `: ${words}`}`);
    }
  } finally {
    file.destroy();
    child.kill('SIGKILL');
  }
}
