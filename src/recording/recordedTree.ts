import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import type { RecordedEntry } from './recording.js';

/** A directory that stands for the `/` of a recorded machine. */
export interface RecordedTree {
  readonly root: string;
  remove(): void;
}

/** What links of a recorded machine may say as it is: nothing reads through these, but what they say is looked at. */
const HARMLESS_TARGET = /^(\/dev\/null|\/dev\/ptp\d{1,7}|socket:\[\d{1,20}\])$/;

/**
 * Writes recorded files where the readers of a host can read them. No link leads out of the directory, whatever the
 * recording holds: all are made relative, and none lies behind another.
 * @throws the file system's error, as for a full disk; what was written is removed then
 */
export function layTree(entries: ReadonlyMap<string, RecordedEntry>): RecordedTree {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'virt-clock-audit-')));
  const remove = () => rmSync(root, { recursive: true, force: true });
  try {
    for (const [path, entry] of entries) lay(root, path, entry);
  } catch (error) {
    remove();
    throw error;
  }
  return { root, remove };
}

function lay(root: string, path: string, entry: RecordedEntry): void {
  const place = join(root, posix.normalize(`/${path}`));
  if (place === join(root, '/')) return;
  try {
    if (entry.kind === 'directory') {
      mkdirSync(place, { recursive: true });
      return;
    }
    mkdirSync(dirname(place), { recursive: true });
    // Behind a link a relative target would start from another depth than its path tells.
    if (realpathSync(dirname(place)) !== dirname(place)) return;
    if (entry.kind === 'file') writeFileSync(place, entry.bytes, { flag: 'wx', mode: 0o600 });
    else symlinkSync(entry.kind === 'link' ? insideOf(path, entry.target) : posix.basename(place), place);
  } catch (error) {
    // Two records of one path, or a file where another record has a directory: the first one stands. A link that leads
    // nowhere in the place of a directory is ENOENT.
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['EEXIST', 'ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EISDIR'].includes(code)) throw error;
  }
}

/** A link to itself cannot be read, which is what an unreadable file is laid as; any other leads to where it did. */
function insideOf(path: string, target: string): string {
  if (HARMLESS_TARGET.test(target)) return target;
  const directory = posix.dirname(posix.normalize(`/${path}`));
  const absolute = posix.resolve(directory, target);
  return posix.relative(directory, absolute) || '.';
}
