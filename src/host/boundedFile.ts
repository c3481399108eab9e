import { closeSync, constants, openSync, readSync } from 'node:fs';

/** Thrown for a file that holds more than what it stands for ever does. */
export class FileTooLarge extends Error {
  override readonly name = 'FileTooLarge';
  readonly code = 'EFBIG';
}

/**
 * Reads a small file of the kernel's or an administrator's, as Latin-1. A pipe in its place is not waited for.
 * @param limitBytes - from here on it cannot be what is meant
 * @throws FileTooLarge, or the system's error with its `code`
 */
export function readBounded(path: string, limitBytes: number): string {
  const text = readStart(path, limitBytes + 1);
  if (text.length > limitBytes) throw new FileTooLarge(`more than ${limitBytes} bytes`);
  return text;
}

/**
 * Reads the beginning of a file, as Latin-1. What the kernel writes while it is read is not even made behind it.
 * @param until - what is not read beyond
 * @throws the system's error with its `code`
 */
export function readStart(path: string, bytes: number, until?: string): string {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const buffer = Buffer.alloc(bytes);
    let length = 0;
    while (length < bytes) {
      const count = readSync(file, buffer, length, bytes - length, null);
      if (count === 0) break;
      length += count;
      if (until !== undefined && buffer.subarray(0, length).includes(until, 0, 'latin1')) break;
    }
    return buffer.toString('latin1', 0, length);
  } finally {
    closeSync(file);
  }
}

/** The error's name as the system has it, such as `EACCES`. */
export function errorCode(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
