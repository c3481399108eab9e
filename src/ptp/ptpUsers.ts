import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { TimeDaemonProcess } from '../host/timeDaemons.js';

/**
 * Finds out which devices the time daemons have open. Only theirs: to look at a file that a process has open takes some
 * 5 us, and a hypervisor's processes have a hundred thousand of them.
 * @param root - the directory that stands for `/`
 * @param daemons - the processes to look at; null where processes are hidden
 * @returns the daemons' names by device, each once and in the order of the alphabet; null where that cannot be seen
 * @see proc(5), /proc/pid/fd
 */
export function ptpUsers(
  root: string,
  daemons: readonly TimeDaemonProcess[] | null,
): ReadonlyMap<string, readonly string[]> | null {
  if (daemons === null) return null;
  const users = new Map<string, Set<string>>();
  for (const { pid, name } of daemons) {
    const open = openDevices(join(root, 'proc', pid));
    if (open === null) return null;
    for (const device of open) users.set(device, (users.get(device) ?? new Set()).add(name));
  }
  return new Map([...users].map(([device, names]) => [device, [...names].sort()]));
}

/** null where that is not shown to this user. */
function openDevices(process: string): string[] | null {
  try {
    const descriptors = join(process, 'fd');
    return readdirSync(descriptors).flatMap((descriptor) => {
      const target = linkTarget(join(descriptors, descriptor));
      return /^\/dev\/ptp\d+$/.test(target) ? [target] : [];
    });
  } catch (error) {
    // A process that has ended has nothing open.
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ESRCH' ? [] : null;
  }
}

function linkTarget(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // It was closed in the meantime.
    return '';
  }
}
