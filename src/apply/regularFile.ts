import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';

/** Thrown for a file that cannot be used; the message names it, the cause and what to do. */
export class FileUnusable extends Error {
  override readonly name = 'FileUnusable';
}

/** libvirt itself sends no definition that is longer. */
const LONGEST_BYTES = 16 * 1024 * 1024;

/**
 * Reads a regular file whole, and nothing else: no pipe is waited for.
 * @param accept - throws for one that is not to be trusted
 * @throws FileUnusable
 */
export function readRegularFile(path: string, accept: (stats: Stats) => void = () => undefined): string {
  let descriptor: number;
  try {
    // Without O_NONBLOCK a pipe of that name would be waited for.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new FileUnusable(
      code === 'ENOENT' ? `${path} does not exist` : `${path} cannot be read: ${message}`,
    );
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new FileUnusable(`${path} is not a regular file`);
    accept(stats);
    if (stats.size > LONGEST_BYTES) throw new FileUnusable(`${path} is longer than ${LONGEST_BYTES} bytes`);
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}
