import { closeSync, constants, fsyncSync, lstatSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a directory and what is missing above it, one by one (Node's own way to do so never ends where a file system
 * answers that a parent that is there is not, as /proc does), and writes each new entry to the disk.
 * @param mode - of the directories that are made
 * @throws Error with the code of the system call when one cannot be made, or is something else
 */
export function makeDirectories(path: string, mode: number): void {
  const full = resolve(path);
  const stats = statSync(full, { throwIfNoEntry: false });
  if (stats) {
    if (stats.isDirectory()) return;
    throw Object.assign(new Error(`${full} is there, and is no directory`), { code: 'ENOTDIR' });
  }
  const parent = dirname(full);
  if (parent !== full) makeDirectories(parent, mode);
  try {
    mkdirSync(full, mode);
  } catch (error) {
    // Another run may have been quicker.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !lstatSync(full).isDirectory()) throw error;
  }
  syncDirectory(parent);
}

/** Writes a directory's entries to the disk. */
export function syncDirectory(path: string): void {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
