import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Daemons that discipline the system clock, by the kernel's 15-character process name. */
const DAEMONS: ReadonlyMap<string, string> = new Map([
  ['chronyd', 'chronyd'],
  ['ntpd', 'ntpd'],
  ['systemd-timesyn', 'systemd-timesyncd'],
  ['phc2sys', 'phc2sys'],
  ['ptp4l', 'ptp4l'],
  ['timemaster', 'timemaster'],
]);

/**
 * Lists the time daemons that run, from the process names below `/proc`.
 * @param root - the directory that stands for `/`
 * @returns null when other users' processes are hidden from this one
 * @see proc(5), /proc/pid/comm and the mount option hidepid
 */
export function runningTimeDaemons(root: string): string[] | null {
  const proc = join(root, 'proc');
  const found = new Set<string>();
  try {
    // With hidepid the first process is the first to disappear.
    readFileSync(join(proc, '1', 'comm'));
    for (const pid of readdirSync(proc)) {
      if (!/^\d+$/.test(pid)) continue;
      const daemon = DAEMONS.get(commandName(join(proc, pid, 'comm')));
      if (daemon) found.add(daemon);
    }
  } catch {
    return null;
  }
  return [...found].sort();
}

function commandName(path: string): string {
  try {
    return readFileSync(path, 'latin1').trim();
  } catch {
    // The process ended in the meantime.
    return '';
  }
}
