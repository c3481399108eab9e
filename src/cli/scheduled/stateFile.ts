import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { mismatch, type Shape } from '../../facts/shape.js';
import { writeAll } from '../descriptors.js';
import { inWords } from '../output.js';
import { toolVersion } from '../version.js';
import type { ResultEntry } from './result.js';

/** Some 200 bytes for each thing that is wrong; ten thousand domains with ten each stay below. */
const LONGEST_BYTES = 32 * 1024 * 1024;

const ENTRY: Shape = {
  host: 'string',
  domain: { $nullable: 'string' },
  name: { $nullable: 'string' },
  check: { $nullable: 'string' },
  outcome: { $oneOf: [{ $is: 'warn' }, { $is: 'fail' }, { $is: 'unknown' }] },
  code: 'string',
  source: { $optional: 'string' },
  uncounted: { $optional: { $is: true } },
};
const STATE: Shape = {
  schema: { $is: 'virt-clock-audit/state' },
  schemaVersion: { $is: '1.0' },
  entries: [ENTRY],
};

/** How every state begins, whatever version wrote it. */
export const STATE_BEGINNING = '{"schema":"virt-clock-audit/state"';

/** Thrown for a state that says nothing about the last run; the message tells why. */
export class StateUnusable extends Error {
  override readonly name = 'StateUnusable';
}

/**
 * Reads what the last run left.
 * @param uid - who runs: whoever else may write the file might silence the next run
 * @returns null when there was none
 * @throws StateUnusable
 */
export function readState(path: string, uid: number): readonly ResultEntry[] | null {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw new StateUnusable(code === 'ELOOP' ? 'it is a link, which is not followed' : inWords(error));
  }
  try {
    const distrust = whyNotTrusted(fstatSync(descriptor), uid);
    if (distrust !== null) throw new StateUnusable(distrust);
    return parse(readFileSync(descriptor, 'utf8'));
  } catch (error) {
    throw error instanceof StateUnusable ? error : new StateUnusable(inWords(error));
  } finally {
    closeSync(descriptor);
  }
}

function whyNotTrusted(stats: Stats, uid: number): string | null {
  if (!stats.isFile()) return 'it is no regular file';
  if (stats.uid !== uid && stats.uid !== 0) return `it belongs to another user (${stats.uid})`;
  if ((stats.mode & 0o022) !== 0) return 'others may write it';
  return stats.size > LONGEST_BYTES ? `it is longer than ${LONGEST_BYTES} bytes` : null;
}

function parse(text: string): readonly ResultEntry[] {
  let state: unknown;
  try {
    state = JSON.parse(text);
  } catch {
    throw new StateUnusable('it is no JSON');
  }
  const wrong = mismatch(state, STATE);
  if (wrong !== null) throw new StateUnusable(wrong);
  return (state as { entries: readonly ResultEntry[] }).entries;
}

/**
 * Leaves the result for the next run, as a new file that only its owner may read, in place of the old one.
 * @throws Error with the code of the system call; the old file is then still there
 */
export function writeState(path: string, entries: readonly ResultEntry[]): void {
  const state = {
    schema: 'virt-clock-audit/state',
    schemaVersion: '1.0',
    toolVersion: toolVersion(),
    entries,
  };
  // A name that nobody can foresee, for the directory may be everybody's.
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(8).toString('hex')}.tmp`);
  try {
    const descriptor = openSync(temporary, 'wx', 0o600);
    try {
      writeAll(descriptor, `${JSON.stringify(state)}\n`);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
