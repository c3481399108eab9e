import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { commandPath } from '../support/commandPath.js';
import { runCommand } from '../support/runCommand.js';
import type { ArchivedFile } from './newcArchive.js';

/** Files of a machine, by where they are inside of it. */
export type FileTree = Map<string, ArchivedFile>;

/** A program of this system at `/usr/bin`, with the libraries that it is linked with at their own places. */
export async function programFiles(name: string, path = commandPath(name)): Promise<FileTree> {
  if (path === undefined) throw new Error(`${name} is not installed`);
  const libraries = await runCommand('ldd', [path]);
  const files: FileTree = new Map([[`/usr/bin/${name}`, { from: realpathSync(path) }]]);
  // As `libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x…)`, and `/lib64/ld-linux-x86-64.so.2 (0x…)`.
  for (const [, library = ''] of libraries.matchAll(/(\/\S+) \(0x/g)) files.set(library, { from: library });
  return files;
}

/** All regular files below a directory, at another place. */
export function directoryFiles(from: string, to: string): FileTree {
  const names = readdirSync(from, { recursive: true, encoding: 'utf8' });
  const regular = names.filter((name) => statSync(join(from, name)).isFile());
  return new Map(regular.map((name) => [`${to}/${name}`, { from: join(from, name) }]));
}

/** One tree of several; a later one wins. */
export function merged(...trees: readonly FileTree[]): FileTree {
  return new Map(trees.flatMap((tree) => [...tree]));
}
