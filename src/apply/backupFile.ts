import type { Stats } from 'node:fs';
import { sha256 } from '../facts/sha256.js';
import { BACKUP_MARK, type BackupRecord, noteOf } from './backup.js';
import { FileUnusable, readRegularFile } from './regularFile.js';

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

/**
 * Reads a backup.
 * @throws FileUnusable
 */
export function readBackup(path: string): Backup {
  const text = readRegularFile(path, beOurs(path));
  const [, json = ''] = text.match(new RegExp(`^<!-- ${BACKUP_MARK} ([^\\n]*) -->\\n`)) ?? [];
  const record = recordOf(json);
  if (!record) {
    throw new FileUnusable(
      `${path} is no backup that apply made; a definition from elsewhere is put back by virsh define`,
    );
  }
  const xml = text.slice(text.indexOf('\n') + 1);
  if (sha256(xml) !== record.sha256) {
    throw new FileUnusable(`${path} was changed or cut off since it was written: its checksum does not fit`);
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
    return readRegularFile(path).match(/^[\da-f]{64}$/m)?.[0] ?? null;
  } catch {
    return null;
  }
}

/** A libvirt URI may name a program to run, so a file that others can write is as good as theirs. */
function beOurs(path: string): (stats: Stats) => void {
  return ({ uid, mode }) => {
    const isOurs = uid === (process.getuid?.() ?? 0) || uid === 0;
    if (isOurs && (mode & 0o022) === 0) return;
    throw new FileUnusable(
      `${path} can be written by others, so it is not trusted; check it, then chown and chmod it`,
    );
  };
}
