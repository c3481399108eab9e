import { fstatSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** The same for all paths of a file, whether it exists yet or not. */
export function identity(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return join(identityOfDirectory(dirname(resolve(file))), basename(resolve(file)));
  }
}

function identityOfDirectory(directory: string): string {
  try {
    return realpathSync(directory);
  } catch {
    return directory;
  }
}

/**
 * Whether two paths lead to one regular file, also by a hard link, or would once it is there.
 * @param other - `-` for standard input
 */
export function isSameFile(file: string, other: string): boolean {
  if (other !== '-' && identity(file) === identity(other)) return isRegular(stats(file));
  const [one, two] = [stats(file), stats(other)];
  return one !== null && two !== null && one.isFile() && one.dev === two.dev && one.ino === two.ino;
}

/** What does not exist may become one. */
function isRegular(it: Stats | null): boolean {
  return it === null || it.isFile();
}

function stats(file: string): Stats | null {
  try {
    return file === '-' ? fstatSync(0) : statSync(file);
  } catch {
    return null;
  }
}
