import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { type Fact, known, unknown } from '../facts/fact.js';
import type { TscFlags } from '../facts/host.js';

const PATH = '/proc/cpuinfo';

/** A processor's part is some 2 KiB; a host with 256 of them has 400 KiB of the same. */
const ENOUGH_BYTES = 32 * 1024;

/**
 * Reads what the first CPU says of its TSC. That is enough: the CPUs of one machine are of one kind, and where their
 * TSCs still disagree, the kernel leaves them and its clocksource shows it.
 * @param root - the directory that stands for `/`
 * @param architecture - as `uname -m` prints it
 * @returns null where the architecture has no TSC
 * @see proc(5), /proc/cpuinfo; the kernel's arch/x86/kernel/cpu/proc.c
 */
export function readTscFlags(root: string, architecture: string): Fact<TscFlags | null> {
  if (!/^(x86_64|i[3-6]86)$/.test(architecture)) return known(null, 'uname -m');
  try {
    const line = /^flags\s*:(.*)\n/m.exec(readStart(join(root, PATH)))?.[1];
    if (line === undefined) {
      const reason = `${PATH} has no flags line for its first processor; it cannot be told what its TSC is like`;
      return unknown(PATH, 'cpuinfo-garbled', reason);
    }
    const flags = new Set(line.trim().split(/\s+/));
    return known({ constant: flags.has('constant_tsc'), nonstop: flags.has('nonstop_tsc') }, PATH);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    return unknown(PATH, 'cpuinfo-unreadable', `${PATH} cannot be read (${code}); is /proc mounted?`);
  }
}

/** The kernel writes the file while it is read, a page at a time, so what is not read is not even made. */
function readStart(path: string): string {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(ENOUGH_BYTES);
    let length = 0;
    while (length < ENOUGH_BYTES) {
      const count = readSync(file, buffer, length, ENOUGH_BYTES - length, null);
      length += count;
      const text = buffer.toString('latin1', 0, length);
      const end = text.indexOf('\n\n');
      if (end >= 0) return text.slice(0, end + 1);
      if (count === 0) break;
    }
    return buffer.toString('latin1', 0, length);
  } finally {
    closeSync(file);
  }
}
