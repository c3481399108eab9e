import { join } from 'node:path';
import { NotReadable, type ReadFile, readBounded } from './boundedFile.js';

/** The kernel's own limit on arguments and environment is a quarter of the stack's, which is 8 MiB by default. */
export const MAX_BYTES = 2 * 1024 * 1024;

/** A wrapper script around a wrapper script is conceivable, a deeper nest is not. */
const MAX_WRAPPERS = 3;

/** What a script starts besides QEMU is a handful. */
const MOST_PROCESSES = 64;

/** A process and its arguments, the program's name first. */
export interface CommandLine {
  readonly pid: number;
  readonly words: readonly string[];
}

/** Where a QEMU is looked for, and which processes were looked at. */
interface Search {
  readonly proc: string;
  readonly uuid: string;
  readonly read: ReadFile;
  readonly seen: Set<number>;
}

/**
 * Finds the QEMU of a domain, at a process or behind it: where `<emulator>` is a script that does not `exec` QEMU,
 * libvirt's pid is the script's, which has the arguments of libvirt and not those of QEMU.
 * @param proc - the directory that stands for `/proc`
 * @returns null when it is another process, as with a pid that was used again or belongs to another container
 * @throws NotReadable, also where there are far too many processes behind it; or the file system's error
 */
export function qemuCommandLine(
  proc: string,
  pid: number,
  uuid: string,
  read: ReadFile = readBounded,
): CommandLine | null {
  return commandLineAt(pid, 0, { proc, uuid, read, seen: new Set() });
}

function commandLineAt(pid: number, depth: number, search: Search): CommandLine | null {
  const { proc, uuid, read, seen } = search;
  seen.add(pid);
  if (seen.size > MOST_PROCESSES) {
    throw new NotReadable(
      `there are more than ${MOST_PROCESSES} processes at the one that libvirt's pid file names, too many to look for QEMU among them`,
    );
  }
  const words = read(join(proc, `${pid}`, 'cmdline'), MAX_BYTES)
    .toString('utf8')
    .split('\0');
  // libvirt has always passed -uuid; with -uuid in qemu:commandline there are two.
  if (!words.some((word, index) => word === '-uuid' && words[index + 1]?.toLowerCase() === uuid)) return null;
  // libvirt's command line begins with -name: only where something stands before it can there be a script.
  if (words[1] !== '-name' && depth < MAX_WRAPPERS) {
    for (const child of children(search, pid)) {
      // Whoever writes down a process can make it its own child.
      const behind = seen.has(child) ? null : commandLineAt(child, depth + 1, search);
      if (behind) return behind;
    }
  }
  // A script's own path follows its interpreter's, where QEMU has an option.
  return words[1]?.startsWith('-') ? { pid, words: words.slice(0, -1) } : null;
}

/** @see proc(5), /proc/pid/task/tid/children */
function children({ proc, read }: Search, pid: number): number[] {
  try {
    const text = read(join(proc, `${pid}`, 'task', `${pid}`, 'children'), 64 * 1024).toString('latin1');
    return text.split(' ').filter(Boolean).map(Number);
  } catch {
    // A kernel without CONFIG_PROC_CHILDREN.
    return [];
  }
}
