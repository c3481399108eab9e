import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fact } from '../../src/facts/fact.js';
import type { QemuProcess } from '../../src/facts/process.js';
import { type RunningDomain, readQemuProcess } from '../../src/qemu/process.js';
import { scratchDirectory } from '../support/scratch.js';
import type { Trap } from './trap.js';

const PID = 4711;
const STATE = '/run/libvirt/qemu';

/**
 * Reads the QEMU of a trap as one below `/proc`, from its `process/cmdline` and `process/environ`. Those have one word a
 * line, where the kernel ends each by a NUL.
 */
export function processOfTrap(trap: Trap, domain: RunningDomain): Fact<QemuProcess> {
  const scratch = scratchDirectory('trap');
  try {
    const directory = join(scratch.path, 'proc', `${PID}`);
    const words = (file: string) => trap.text(file).trimEnd().split('\n');
    const nulled = (file: string) =>
      words(file)
        .map((word) => `${word}\0`)
        .join('');
    mkdirSync(directory, { recursive: true });
    mkdirSync(join(scratch.path, STATE), { recursive: true });
    writeFileSync(join(scratch.path, STATE, `${domain.name}.pid`), `${PID}\n`);
    writeFileSync(join(directory, 'cmdline'), nulled('process/cmdline'));
    writeFileSync(join(directory, 'environ'), nulled('process/environ'));
    writeFileSync(join(directory, 'stat'), `${PID} (qemu-system-x86) S ${'0 '.repeat(18)}38211904 0\n`);
    return readQemuProcess(domain, [STATE], scratch.path);
  } finally {
    rmSync(scratch.path, { recursive: true, force: true });
  }
}
