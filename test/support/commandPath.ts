import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

// Daemons live in sbin, which an ordinary user's PATH leaves out on Debian.
const directories = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'].filter(Boolean);

/** The PATH the tests' own processes get: the caller's and the sbin directories. */
export const searchPath = directories.join(delimiter);

/** The full path of an installed command, or undefined. */
export function commandPath(name: string): string | undefined {
  return directories.map((directory) => join(directory, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
