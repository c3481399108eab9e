import { join } from 'node:path';
import { type Fact, known, type Unknown, unknown } from '../facts/fact.js';
import type { QemuProcess } from '../facts/process.js';
import { clockWords } from '../facts/qemuOptions.js';
import { NotReadable, type ReadFile, readBounded } from './boundedFile.js';
import { MAX_BYTES, qemuCommandLine } from './commandLine.js';

/** Whose process to look for. */
export interface RunningDomain {
  readonly name: string;
  readonly uuid: string;
}

const PERMISSION = 'run as root, or as the user that QEMU runs as';

/**
 * Reads the QEMU that runs a domain: its arguments and its `TZ`, as far as they have a say in the guest's clock.
 * Nothing else of the command line or the environment is kept, for either may hold secrets.
 * @param domain - its name comes from a guest's owner and is only ever used as a file's name
 * @param directories - where the pid file may be, the likeliest first
 * @param root - the directory that stands for `/`
 * @param read - reads the files, all of which are small
 * @see proc(5), /proc/pid/cmdline and /proc/pid/environ
 */
export function readQemuProcess(
  domain: RunningDomain,
  directories: readonly string[],
  root: string,
  read: ReadFile = readBounded,
): Fact<QemuProcess> {
  const proc = join(root, 'proc');
  try {
    const pid = readPid(domain.name, directories, root, read);
    if (typeof pid !== 'number') return pid;
    const startedAt = startTime(proc, pid, read);
    const qemu = qemuCommandLine(proc, pid, domain.uuid.toLowerCase(), read);
    if (qemu === null) return notItsProcess(pid);
    const args = clockWords(qemu.words.slice(1));
    const timeZone = readTimeZone(proc, qemu.pid, read);
    if (startTime(proc, pid, read) !== startedAt) return notItsProcess(pid);
    return known({ pid: qemu.pid, args, ...timeZone }, `/proc/${qemu.pid}/cmdline`);
  } catch (error) {
    return failure(error);
  }
}

function readPid(
  name: string,
  directories: readonly string[],
  root: string,
  read: ReadFile,
): number | Unknown {
  const where = directories[0] ?? '/run/libvirt/qemu';
  // The QEMU driver takes no such names, but a daemon that somebody else wrote might.
  if (/[/\0]/.test(name)) return unknown(where, 'unsafe-name', 'the name of the domain is no name of a file');
  for (const directory of directories) {
    const path = join(directory, `${name}.pid`);
    try {
      const text = read(join(root, path), 64).toString('latin1').trim();
      if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
      return unknown(path, 'process-not-found', `${path} holds no process id`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  const reason = `${where} has no pid file of this domain; does the hypervisor run in a container?`;
  return unknown(where, 'process-not-found', reason);
}

function notItsProcess(pid: number): Unknown {
  const reason = `process ${pid}, which libvirt's pid file names, is not the QEMU of this domain; does the hypervisor run in a container?`;
  return unknown(`/proc/${pid}/cmdline`, 'not-its-process', reason);
}

/** A pid is used again sooner or later, but never with the same start time. */
function startTime(proc: string, pid: number, read: ReadFile): string | undefined {
  const stat = read(join(proc, `${pid}`, 'stat'), 4096).toString('latin1');
  // The second field is the program's name in brackets, which may itself hold spaces and brackets.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

/** The environment is closed to other users, whoever may see the command line. */
function readTimeZone(proc: string, pid: number, read: ReadFile): Pick<QemuProcess, 'tz' | 'tzRead'> {
  try {
    const environment = read(join(proc, `${pid}`, 'environ'), MAX_BYTES).toString('utf8');
    // getenv(3) takes the first one.
    const entry = environment.split('\0').find((it) => it.startsWith('TZ='));
    return { tz: entry?.slice(3) ?? null };
  } catch (error) {
    if (isForbidden(error)) return { tz: null, tzRead: false };
    throw error;
  }
}

function isForbidden(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EACCES' || code === 'EPERM';
}

function failure(error: unknown): Unknown {
  if (error instanceof NotReadable) return unknown('/proc', 'process-unreadable', error.message);
  const { code, path = '/proc' } = error as NodeJS.ErrnoException;
  if (isForbidden(error)) {
    return unknown(path, 'not-permitted', `${path} may not be read by this user; ${PERMISSION}`);
  }
  // With hidepid, other users' processes are as absent as those that ended.
  if (code === 'ENOENT' || code === 'ESRCH') {
    const reason = `${path} is not there: QEMU ended, or is hidden from this user; ${PERMISSION}`;
    return unknown(path, 'process-not-found', reason);
  }
  return unknown(path, 'process-unreadable', `${path} cannot be read (${code ?? String(error)})`);
}
