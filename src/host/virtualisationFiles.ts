import { join } from 'node:path';
import { errorCode, readBounded } from './boundedFile.js';

/** What is read is a name or a few lines of them. */
const LIMIT_BYTES = 64 * 1024;

/**
 * A file of /proc or /sys, or null where this machine does not have it.
 * @param root - the directory that stands for `/`
 * @throws the system's error when it is there and cannot be read, or is too large
 */
export function readOrNull(root: string, path: string): string | null {
  try {
    return readBounded(join(root, path), LIMIT_BYTES);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}

/** The names of the kernel's clocksources; none where they cannot be read. */
export function listedClocksources(root: string): string[] {
  try {
    const path = '/sys/devices/system/clocksource/clocksource0/available_clocksource';
    return (readOrNull(root, path) ?? '').trim().split(/\s+/);
  } catch {
    return [];
  }
}
