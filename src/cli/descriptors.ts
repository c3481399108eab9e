import { fstatSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { inRealDirectory, MOST_LINKS, trustedTarget } from './trustedLink.js';

/**
 * Writes to a descriptor, waiting for a slow reader.
 * @returns false where the reader went away before it had all, which is no error
 * @throws Error with the code of the system call
 */
export function writeAll(descriptor: number, text: string): boolean {
  const bytes = Buffer.from(text);
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') return false;
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
  return true;
}

/**
 * Writes to a descriptor that somebody named by its number, as {@link writeAll} does.
 * @throws Error with the code EBADF where that is not one that this process was given
 */
export function writeAllToGiven(descriptor: number, text: string): boolean {
  if (descriptor > 2 && isOwn(descriptor))
    throw Object.assign(new Error('it is not open'), { code: 'EBADF' });
  return writeAll(descriptor, text);
}

/**
 * Whether Node opened a descriptor for itself: what polls, and pipes of which it has both ends, where a single byte
 * from elsewhere is taken for an address and ends the process.
 */
function isOwn(descriptor: number): boolean {
  const stats = fstatSync(descriptor);
  if (!stats.isFIFO()) return !stats.isFile() && !stats.isSocket() && !stats.isCharacterDevice();
  return readdirSync('/proc/self/fd').some((name) => {
    try {
      const { dev, ino } = fstatSync(Number(name));
      return dev === stats.dev && ino === stats.ino && isReadable(name);
    } catch {
      // That of the directory itself is closed by now.
      return false;
    }
  });
}

/** @see proc_pid_fdinfo(5) */
function isReadable(descriptor: string): boolean {
  const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'))?.[1];
  return (Number.parseInt(flags ?? '0', 8) & 3) === 0;
}

/**
 * Says something on standard error. That a disk is full below it is nothing that anybody could be told, and must not
 * change how the run ends.
 */
export function tell(text: string): void {
  try {
    writeAll(2, text);
  } catch {
    // There is no other place for it.
  }
}

/** Links of procfs(5) to what a process has open, of which the path says nothing. */
export const DESCRIPTOR_LINK = /^\/proc\/(\d+)(?:\/task\/\d+)?\/fd\/(\d+)$/;
const STANDARD: Readonly<Record<string, number>> = { '/dev/stdin': 0, '/dev/stdout': 1, '/dev/stderr': 2 };

/**
 * The descriptor of this process that a path such as `/dev/stdout`, `/dev/fd/N` or `/proc/self/fd/N` stands for, also by
 * way of links that may be followed. To open or to replace what it leads to would not be the same: a log that is appended to would be cut
 * off, and a socket cannot be opened.
 * @returns null for every other path
 * @see proc_pid_fd(5)
 */
export function descriptorOf(path: string): number | null {
  let place: string | null = path;
  for (let links = 0; links < MOST_LINKS && place !== null; links++) {
    const standard = STANDARD[resolve(place)];
    if (standard !== undefined) return standard;
    try {
      place = inRealDirectory(place);
      const [, pid, number] = DESCRIPTOR_LINK.exec(place) ?? [];
      if (pid !== undefined) return Number(pid) === process.pid ? Number(number) : null;
      place = trustedTarget(place);
    } catch {
      return null;
    }
  }
  return null;
}
