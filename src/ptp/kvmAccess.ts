import { accessSync, constants, readFileSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Unknown } from '../facts/fact.js';
import { unknown } from '../facts/fact.js';
import { openFailure } from './kvmFailure.js';

/**
 * Whether this process may open a KVM device, without opening it.
 * @param root - the directory that stands for `/`, for the names of groups
 * @returns null, or why not and what to do
 */
export function kvmInaccessible(path: string, root = '/'): Unknown | null {
  let stats: Stats;
  try {
    stats = statSync(path);
    if (!stats.isCharacterDevice()) {
      return unknown(path, 'kvm-not-kvm', `${path} is no device: name the one of the module kvm`);
    }
    accessSync(path, constants.R_OK | constants.W_OK);
    return null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const failure = openFailure(path, code);
    const denied = failure.code === 'kvm-denied';
    const reason = denied ? `${failure.message}: ${wayIn(path, root)}` : failure.message;
    return unknown(path, failure.code, reason);
  }
}

/**
 * Whether it is no fault of the host that its KVM cannot be tried out: there is none, or it is there for others than this
 * user. A device that nobody at all may open is a fault.
 */
export function isOrdinarilyInaccessible(path: string, { cause }: Unknown): boolean {
  if (cause === 'kvm-missing') return true;
  if (cause !== 'kvm-denied') return false;
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats !== undefined && (stats.mode & 0o666) !== 0;
}

/** Whom to ask, or which group to join: the one that owns the device, where its mode lets that group in. */
export function wayIn(path: string, root: string): string {
  let stats: Stats;
  try {
    stats = statSync(path);
  } catch {
    return 'the way to it is closed as well; run as root';
  }
  const { gid, mode } = stats;
  if ((mode & 0o060) !== 0o060) {
    const octal = (mode & 0o777).toString(8).padStart(3, '0');
    return `its mode is ${octal}, which lets no group in; run as root`;
  }
  return `join the group ${groupName(gid, root) ?? `with the number ${gid}`}, or run as root`;
}

/** @see group(5) */
function groupName(gid: number, root: string): string | null {
  try {
    const entries = readFileSync(join(root, 'etc/group'), 'utf8').split('\n');
    return entries.map((entry) => entry.split(':')).find(([, , id]) => id === String(gid))?.[0] ?? null;
  } catch {
    return null;
  }
}
