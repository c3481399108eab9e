import { join } from 'node:path';
import { readStart } from './boundedFile.js';

/** A processor's part is some 2 KiB; a host with 256 of them has 400 KiB of the same. */
const ENOUGH_BYTES = 32 * 1024;

/**
 * The flags of the first x86 CPU, or null where the file has none for it.
 * @param root - the directory that stands for `/`
 * @throws the system's error when /proc/cpuinfo cannot be read
 * @see proc(5), /proc/cpuinfo; the kernel's arch/x86/kernel/cpu/proc.c
 */
export function cpuFlags(root: string): ReadonlySet<string> | null {
  const first = readStart(join(root, 'proc/cpuinfo'), ENOUGH_BYTES, '\n\n').split('\n\n', 1)[0] ?? '';
  const line = /^flags\s*:(.*)(?:\n|$)/m.exec(first)?.[1];
  return line === undefined ? null : new Set(line.trim().split(/\s+/));
}
