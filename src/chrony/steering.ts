import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { takesControl } from './chronydArguments.js';

/** Where chronyc looks first when it is root: see chronyc(1), option -h. */
const USUAL_SOCKETS = ['/run/chrony/chronyd.sock', '/var/run/chrony/chronyd.sock'];
const HERE = new Set(['localhost', '127.0.0.1', '::1']);
/** The number of `CAP_SYS_TIME` in the kernel's include/uapi/linux/capability.h. */
const CAP_SYS_TIME = 25n;

/** A time daemon's process, as it was found below /proc. */
interface DaemonProcess {
  readonly pid: string;
  readonly name: string;
}

/**
 * Tells whether the chronyd that answers chronyc steers the system clock, from its process: not with the option `-x`, and
 * not without the right to set the clock, as in most containers.
 * @param root - the directory that stands for `/`
 * @param processes - the time daemons below the same root; null when they are hidden
 * @param chronyHost - what chronyc's `-h` was given
 * @returns null where that cannot be seen, or where several run and it is open which one answers
 * @see chronyd(8), option -x; capabilities(7), CAP_SYS_TIME
 */
export function chronydSteersClock(
  root: string,
  processes: readonly DaemonProcess[] | null,
  chronyHost?: string,
): boolean | null {
  const named = chronyHost?.startsWith('/') ? [chronyHost] : USUAL_SOCKETS;
  if (!processes || (chronyHost !== undefined && named[0] !== chronyHost && !HERE.has(chronyHost)))
    return null;
  const proc = join(root, 'proc');
  const pids = processes.filter(({ name }) => name === 'chronyd').map(({ pid }) => pid);
  const statuses = new Map(pids.map((pid) => [pid, textOf(join(proc, pid, 'status'))]));
  // What chronyd starts itself, for its name resolver and NTS, bears the same name and has fewer rights.
  const daemons = pids.filter(
    (pid) => !statuses.has(/^PPid:\s*(\d+)$/m.exec(statuses.get(pid) ?? '')?.[1] ?? ''),
  );
  const listening = daemons.length > 1 ? listenersAt(proc, named, daemons) : daemons;
  const verdicts = new Set(
    (listening.length > 0 ? listening : daemons).map((pid) =>
      steers(join(proc, pid), statuses.get(pid) ?? ''),
    ),
  );
  const [verdict = null, ...others] = verdicts;
  return others.length > 0 ? null : verdict;
}

function steers(process: string, status: string): boolean | null {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  const args = textOf(join(process, 'cmdline')).split('\0').slice(1, -1);
  if (effective === undefined) return null;
  if (!takesControl(args) || !((BigInt(`0x${effective}`) >> CAP_SYS_TIME) & 1n)) return false;
  // The capability counts in the first user namespace only, which maps every number to itself.
  const map = textOf(join(process, 'uid_map')).trim().split(/\s+/).join(' ');
  // A kernel without user namespaces has no such file.
  return map === '' || map === '0 0 4294967295';
}

/** Those of the processes that hold one of the sockets: /proc/net/unix has its number, their descriptors name it. */
function listenersAt(proc: string, sockets: readonly string[], pids: readonly string[]): string[] {
  const inodes = new Set(
    textOf(join(proc, 'net', 'unix'))
      .split('\n')
      .map((line) => line.trim().split(/ +/))
      .filter((fields) => sockets.includes(fields.slice(7).join(' ')))
      .map((fields) => `socket:[${fields[6]}]`),
  );
  return inodes.size === 0
    ? []
    : pids.filter((pid) => openFiles(join(proc, pid, 'fd')).some((it) => inodes.has(it)));
}

function openFiles(directory: string): string[] {
  try {
    return readdirSync(directory).map((name) => linkOf(join(directory, name)));
  } catch {
    // Another user's process does not show its files.
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** Empty when there is no such file, or no right to read it. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
