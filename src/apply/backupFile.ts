import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { BACKUP_MARK, type BackupRecord, noteOf, sha256 } from './backup.js';

/** libvirt itself sends no definition that is longer. */
const LONGEST_BYTES = 16 * 1024 * 1024;

/** A backup as it was read back. */
export interface Backup {
  readonly record: BackupRecord;
  /** The definition as it was, with its passwords. */
  readonly xml: string;
  /**
   * The checksum of what was defined in its place; null when the run that made the backup did not get to note it.
   */
  readonly definedSha256: string | null;
  /** The checksum of what libvirt made of this definition when it was put back; null when it never was. */
  readonly restoredSha256: string | null;
}

/** Thrown for a file that is no backup, or not whole; the message names it, the cause and what to do. */
export class BackupUnusable extends Error {
  override readonly name = 'BackupUnusable';
}

/**
 * Reads a backup.
 * @throws BackupUnusable
 */
export function readBackup(path: string): Backup {
  const text = readBounded(path);
  const [, json = ''] = text.match(new RegExp(`^<!-- ${BACKUP_MARK} (.*) -->\n`)) ?? [];
  const record = recordOf(json);
  if (!record) {
    throw new BackupUnusable(
      `${path} is no backup that apply made; a definition from elsewhere is put back by virsh define`,
    );
  }
  const xml = text.slice(text.indexOf('\n') + 1);
  if (sha256(xml) !== record.sha256) {
    throw new BackupUnusable(
      `${path} was changed or cut off since it was written: its checksum does not fit`,
    );
  }
  return {
    record,
    xml,
    definedSha256: readNote(noteOf(path, 'defined')),
    restoredSha256: readNote(noteOf(path, 'restored')),
  };
}

function recordOf(json: string): BackupRecord | null {
  try {
    const record = JSON.parse(json) as Record<keyof BackupRecord, unknown>;
    const { uri, domain, uuid, takenAt, sha256 } = record;
    const isWhole = [uri, domain, uuid, takenAt, sha256].every((it) => typeof it === 'string');
    return isWhole && record.schemaVersion === '1.0' ? (record as BackupRecord) : null;
  } catch {
    return null;
  }
}

function readNote(path: string): string | null {
  try {
    return readBounded(path).match(/^[\da-f]{64}$/m)?.[0] ?? null;
  } catch {
    return null;
  }
}

function readBounded(path: string): string {
  let descriptor: number;
  try {
    // Without O_NONBLOCK a pipe of that name would be waited for.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new BackupUnusable(
      code === 'ENOENT' ? `${path} does not exist` : `${path} cannot be read: ${message}`,
    );
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new BackupUnusable(`${path} is not a regular file`);
    // A libvirt URI may name a program to run, so a file that others can write is as good as theirs.
    const isOurs = stats.uid === (process.getuid?.() ?? 0) || stats.uid === 0;
    if (!isOurs || (stats.mode & 0o022) !== 0) {
      throw new BackupUnusable(
        `${path} can be written by others, so it is not trusted; check it, then chown and chmod it`,
      );
    }
    if (stats.size > LONGEST_BYTES) throw new BackupUnusable(`${path} is longer than any definition`);
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}
