import { type Fact, known, unknown } from '../facts/fact.js';
import type { TscFlags } from '../facts/host.js';
import { errorCode } from './boundedFile.js';
import { cpuFlags } from './cpuFlags.js';

const PATH = '/proc/cpuinfo';

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
    const flags = cpuFlags(root);
    if (flags === null) {
      const reason = `${PATH} has no flags line for its first processor; it cannot be told what its TSC is like`;
      return unknown(PATH, 'cpuinfo-garbled', reason);
    }
    return known({ constant: flags.has('constant_tsc'), nonstop: flags.has('nonstop_tsc') }, PATH);
  } catch (error) {
    const reason = `${PATH} cannot be read (${errorCode(error)}); is /proc mounted?`;
    return unknown(PATH, 'cpuinfo-unreadable', reason);
  }
}
