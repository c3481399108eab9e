import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const DIRECTORY = 0o040755;
const PROGRAM = 0o100755;
const LINK = 0o120777;
const END = 'TRAILER!!!';

/** A file of the archive: a copy of one that exists, a text, or a symbolic link. */
export type ArchivedFile = { readonly from: string } | { readonly text: string } | { readonly link: string };

/**
 * Writes an uncompressed cpio archive in the format `newc`, which the kernel unpacks as its first root directory.
 * Every file in it is executable and belongs to root; directories come by themselves.
 * @param files - by their absolute path in the archive
 * @see Documentation/driver-api/early-userspace/buffer-format.rst in the kernel
 */
export function writeArchive(archive: string, files: ReadonlyMap<string, ArchivedFile>): void {
  const output = openSync(archive, 'w');
  let inode = 0;
  const add = (name: string, mode: number, data: Buffer) => {
    inode += 1;
    // magic, then: inode, mode, uid, gid, links, mtime, size, device, special device, length of the name, checksum
    const numbers = [inode, mode, 0, 0, 1, 0, data.length, 0, 0, 0, 0, Buffer.byteLength(name) + 1, 0];
    const header = `070701${numbers.map((number) => number.toString(16).padStart(8, '0')).join('')}${name}\0`;
    writeSync(output, padded(Buffer.from(header)));
    writeSync(output, padded(data));
  };
  try {
    for (const directory of directoriesOf([...files.keys()])) add(directory.slice(1), DIRECTORY, Buffer.of());
    for (const [path, file] of files) {
      if ('link' in file) add(path.slice(1), LINK, Buffer.from(file.link));
      else add(path.slice(1), PROGRAM, 'text' in file ? Buffer.from(file.text) : readFileSync(file.from));
    }
    add(END, 0, Buffer.of());
  } finally {
    closeSync(output);
  }
}

function padded(data: Buffer): Buffer {
  const missing = -data.length & 3;
  return missing === 0 ? data : Buffer.concat([data, Buffer.alloc(missing)]);
}

/** All directories above the paths, parents first, as the kernel makes none by itself. */
function directoriesOf(paths: readonly string[]): string[] {
  const found = new Set<string>();
  for (const path of paths) {
    for (let directory = dirname(path); directory !== '/'; directory = dirname(directory))
      found.add(directory);
  }
  return [...found].sort();
}
