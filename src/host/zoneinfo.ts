import { closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { type Fact, known } from '../facts/fact.js';
import { isPosixZone } from '../facts/posixZone.js';

/** Where the C library looks. It also heeds `TZDIR`, which libvirt does not hand down to QEMU. */
const DIRECTORY = '/usr/share/zoneinfo';

/**
 * Tells of each value of `TZ` whether the C library makes a zone of it; of all others it makes UTC, without a word.
 * @param names - values of `TZ` as they were written
 * @param root - the directory that stands for `/`
 * @returns by the value as written; one whose file could not be looked at is left out
 * @see tzset(3), tzfile(5); `__tzfile_read` and `__tzset_parse_tz` in glibc's time/
 */
export function readZoneinfo(names: Iterable<string>, root: string): Fact<Readonly<Record<string, boolean>>> {
  const found: [string, boolean][] = [];
  for (const name of new Set(names)) {
    const exists = zoneExists(name, root);
    if (exists !== null) found.push([name, exists]);
  }
  return known(Object.fromEntries(found), DIRECTORY);
}

function zoneExists(value: string, root: string): boolean | null {
  const name = value.startsWith(':') ? value.slice(1) : value;
  // An empty value is UTC by the C library's own rules.
  if (name === '' || isPosixZone(name)) return true;
  // Nobody means a file outside by a relative name, though the C library would open it.
  if (!name.startsWith('/') && /^\.\.(\/|$)/.test(normalize(name))) return false;
  const path = join(root, name.startsWith('/') ? name : join(DIRECTORY, name));
  try {
    return holdsZone(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EACCES' || code === 'EPERM' || code === 'EIO' ? null : false;
  }
}

function holdsZone(path: string): boolean {
  // A definition may name any path: opening a device does things, and opening a pipe waits.
  if (!statSync(path).isFile()) return false;
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const magic = Buffer.alloc(4);
    return readSync(descriptor, magic) === 4 && magic.toString('latin1') === 'TZif';
  } finally {
    closeSync(descriptor);
  }
}
