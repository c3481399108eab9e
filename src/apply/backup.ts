import { closeSync, constants, fsyncSync, linkSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sha256 } from '../facts/sha256.js';
import { makeDirectories, syncDirectory } from './directories.js';

/** What a backup says of itself. */
export interface BackupRecord {
  readonly schemaVersion: '1.0';
  /** The libvirt connection that the definition came from. */
  readonly uri: string;
  readonly domain: string;
  readonly uuid: string;
  /** ISO 8601, in UTC. */
  readonly takenAt: string;
  /** Of the definition, so that a file that was cut off or edited is not put back. */
  readonly sha256: string;
}

/** What is written in front of the definition; `virsh define` skips it as the comment that it is. */
export const BACKUP_MARK = 'virt-clock-audit backup';

/**
 * Writes a definition, with the passwords in it, to a new file that only this user can read. It is on the disk when this
 * returns, under its name, whole.
 * @param name - a safe file name for the domain
 * @returns the file's path
 * @throws Error when it cannot be written; nothing is left behind then
 */
export function writeBackup(
  directory: string,
  name: string,
  { xml, ...about }: Omit<BackupRecord, 'schemaVersion' | 'sha256'> & { readonly xml: string },
): string {
  makeDirectories(directory, 0o700);
  const record: BackupRecord = { schemaVersion: '1.0', ...about, sha256: sha256(xml) };
  // Within a comment there must be no two hyphens in a row, which a domain's name may have.
  const json = JSON.stringify(record).replace(/-(?=-)|-$|>/g, (it) => (it === '>' ? '\\u003e' : '\\u002d'));
  const time = about.takenAt.replace(/[-:]|\.\d+/g, '');
  const path = join(directory, `${name}-${about.uuid.slice(0, 8)}-${time}-${process.pid}.xml`);
  writeSynced(path, `<!-- ${BACKUP_MARK} ${json} -->\n${xml}`);
  return path;
}

/** What happened to a domain after its definition was backed up: another one was defined, or this one was put back. */
export type Sequel = 'defined' | 'restored';

/**
 * Notes what definition a domain had after that, as libvirt keeps it, so that a rollback sees whether it was changed since.
 * @throws Error when it cannot be written
 */
export function noteSequel(backup: string, sequel: Sequel, xml: string): void {
  const path = noteOf(backup, sequel);
  // The same backup may be put back more than once.
  rmSync(path, { force: true });
  writeSynced(path, `${sha256(xml)}\n`);
}

/** Where {@link noteSequel} writes. */
export function noteOf(backup: string, sequel: Sequel): string {
  return `${backup}.${sequel}`;
}

function writeSynced(path: string, text: string): void {
  const temporary = `${path}.tmp`;
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  try {
    const descriptor = openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      writeFileSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    // Unlike a rename this never takes the place of a file that is there.
    linkSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
  syncDirectory(dirname(path));
}
