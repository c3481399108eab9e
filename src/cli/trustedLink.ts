import { lstatSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';

/** As many links as the kernel follows, path_resolution(7). */
export const MOST_LINKS = 40;

/** A path without links but perhaps the last part of it. */
export function inRealDirectory(path: string): string {
  // Only a directory may be named like that.
  if (path.endsWith('/')) return realpathSync.native(path);
  return join(realpathSync.native(dirname(path)), basename(path));
}

/**
 * What a symbolic link leads to, where nobody but root and this user can have put it there: one of somebody else's may
 * lead to a file that he must not write.
 * @param place - as {@link inRealDirectory} gives it
 * @returns a path that may lead through further links; null where the place is no link, or no such one
 */
export function trustedTarget(place: string): string | null {
  const stats = lstatSync(place, { throwIfNoEntry: false });
  if (!stats?.isSymbolicLink()) return null;
  const directory = statSync(dirname(place));
  // A sticky directory only keeps others from replacing what is there.
  if (!isOurs(stats) || !isOurs(directory) || isWritableByOthers(directory)) return null;
  const target = readlinkSync(place);
  // Not put together by words: `a/..` is another directory where a is a link.
  return isAbsolute(target) ? target : `${dirname(place)}/${target}`;
}

/** Whether group or others may write it. */
export function isWritableByOthers({ mode }: Stats): boolean {
  return (mode & 0o022) !== 0;
}

/** Whether it is root's or this user's. */
export function isOurs({ uid }: Stats): boolean {
  return uid === 0 || uid === process.geteuid?.();
}
