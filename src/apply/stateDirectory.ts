import { existsSync, lstatSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { makeDirectories } from './directories.js';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where backups go unless the operator names a place: `/var/lib` for root, otherwise the user's state directory.
 * @see {@link https://specifications.freedesktop.org/basedir-spec/latest/} for `XDG_STATE_HOME`
 */
export function defaultBackupDirectory(uid: number, environment: Environment): string {
  if (uid === 0) return '/var/lib/virt-clock-audit/backups';
  const state = environment.XDG_STATE_HOME || join(homedir(), '.local', 'state');
  return join(state, 'virt-clock-audit', 'backups');
}

/**
 * Where what lives no longer than the machine runs is kept for one user. It must be the same place for all runs of that
 * user, so nothing of their environment counts.
 * @see pam_systemd(8) for `/run/user`
 */
export function runtimeDirectory(uid: number): string {
  if (uid === 0) return '/run/virt-clock-audit';
  const own = `/run/user/${uid}`;
  return existsSync(own) ? join(own, 'virt-clock-audit') : `/tmp/virt-clock-audit-${uid}`;
}

/**
 * Makes a directory that only its owner can look into, with those above it.
 * @throws Error when it cannot be made, or is somebody else's
 */
export function makePrivateDirectory(path: string, uid: number): void {
  makeDirectories(path, 0o700);
  const stats = lstatSync(path);
  // In /tmp anybody could have been first.
  if (!stats.isDirectory() || stats.uid !== uid) throw new Error(`${path} is not a directory of this user`);
}
