import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { type Fact, known, unknown } from '../facts/fact.js';

/** Daemons that discipline the system clock, by the kernel's 15-character process name. */
const DAEMONS: ReadonlyMap<string, string> = new Map([
  ['chronyd', 'chronyd'],
  ['ntpd', 'ntpd'],
  ['ntp-daemon', 'ntpd-rs'],
  ['systemd-timesyn', 'systemd-timesyncd'],
  ['phc2sys', 'phc2sys'],
  ['ptp4l', 'ptp4l'],
  ['ts2phc', 'ts2phc'],
  ['ptpd', 'ptpd'],
  ['sfptpd', 'sfptpd'],
  ['timemaster', 'timemaster'],
]);

/** The time daemon that goes by a process's name, as `/proc/pid/comm` has it; undefined for anything else. */
export function timeDaemonName(comm: string): string | undefined {
  return DAEMONS.get(comm);
}

/** The number of `CAP_SYS_TIME` in the kernel's include/uapi/linux/capability.h. */
const CAP_SYS_TIME = 25n;

/** A time daemon's process. */
export interface TimeDaemonProcess {
  readonly pid: string;
  readonly name: string;
}

/**
 * Finds the time daemons' processes by their names below `/proc`.
 * @param root - the directory that stands for `/`
 * @returns null when other users' processes are hidden from this one
 * @see proc(5), /proc/pid/comm and the mount option hidepid
 */
export function timeDaemonProcesses(root: string): TimeDaemonProcess[] | null {
  const proc = join(root, 'proc');
  try {
    // With hidepid the first process is the first to disappear.
    readFileSync(join(proc, '1', 'comm'));
    return readdirSync(proc).flatMap((pid) => {
      // A hypervisor runs thousands of processes, so nothing but the name is read of each.
      const name = /^\d+$/.test(pid) ? DAEMONS.get(commandName(`${proc}/${pid}/comm`)) : undefined;
      return name ? [{ pid, name }] : [];
    });
  } catch {
    return null;
  }
}

/** The names of daemons, each once and in the order of the alphabet. */
export function daemonNames(processes: readonly TimeDaemonProcess[]): string[] {
  return [...new Set(processes.map(({ name }) => name))].sort();
}

/**
 * Keeps the daemons that may set this machine's clock: one in a container without `CAP_SYS_TIME`, and a
 * `chronyd -x` that gave up its privileges, only look at it.
 * @param root - the directory that stands for `/`
 * @param processes - what {@link timeDaemonProcesses} found below the same root
 * @see capabilities(7), CAP_SYS_TIME; user_namespaces(7), "User and group ID mappings"
 */
export function readTimeDaemons(
  root: string,
  processes: readonly TimeDaemonProcess[] | null,
): Fact<readonly string[]> {
  const source = '/proc/*/comm';
  if (processes === null) {
    const reason = 'processes are hidden from this user, time daemons among them; run as root';
    return unknown(source, 'processes-hidden', reason);
  }
  return known(daemonNames(clockSetters(root, processes)), source);
}

/** The processes of {@link readTimeDaemons}, each by itself. */
export function clockSetters(root: string, processes: readonly TimeDaemonProcess[]): TimeDaemonProcess[] {
  return processes.filter(({ pid }) => maySetClock(join(root, 'proc', pid)));
}

const nameBuffer = Buffer.alloc(64);

/** One system call to read instead of the three that readFileSync makes. */
function commandName(path: string): string {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    return nameBuffer.toString('latin1', 0, readSync(file, nameBuffer)).trim();
  } catch {
    // The process ended in the meantime.
    return '';
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function maySetClock(process: string): boolean {
  try {
    const [, effective] =
      /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync(join(process, 'status'), 'latin1')) ?? [];
    if (effective && !((BigInt(`0x${effective}`) >> CAP_SYS_TIME) & 1n)) return false;
    // The capability counts in the first user namespace only, which maps every number to itself.
    const map = readFileSync(join(process, 'uid_map'), 'latin1').trim().split(/\s+/).join(' ');
    return map === '0 0 4294967295';
  } catch (error) {
    // A kernel without user namespaces has no uid_map; a process that has ended has no directory.
    return (error as NodeJS.ErrnoException).code === 'ENOENT' && isRunning(process);
  }
}

function isRunning(process: string): boolean {
  return commandName(join(process, 'comm')) !== '';
}
