import type { QemuArgument } from './qemuArgument.js';

/** The machine whose clock is asked for. */
export interface Machine {
  readonly virtType: string;
  readonly arch: string;
  readonly machine: string | undefined;
}

/** Whether libvirt counts the architecture as x86 (`ARCH_IS_X86`). */
export function isX86(arch: string): boolean {
  return arch === 'x86_64' || arch === 'i686';
}

/** Whether it is ARM's `virt` machine, the only one with the armvtimer. */
export function isArmVirt(arch: string, machine: string | undefined): boolean {
  return (arch === 'aarch64' || arch === 'armv7l') && /^virt(-|$)/.test(machine ?? '');
}

/** The last value of a key among all `-machine`, which QEMU merges, and which of them has it. */
export function machineSetting(
  args: readonly QemuArgument[],
  key: string,
): { value: string; by: string } | undefined {
  for (const { option, settings, by } of args.toReversed()) {
    const found = option === '-machine' && settings.findLast(([name]) => name === key);
    if (found) return { value: found[1], by };
  }
  return undefined;
}
