import { atLeast } from './libvirtVersion.js';
import { isX86, type Machine } from './machine.js';
import type { Passthrough } from './passthrough.js';

/**
 * What libvirt finds QEMU to be able to, by its own names, after `qemu:capabilities` has added to it and then taken
 * away. Only what the arguments for a clock rest on.
 * @see `virQEMUCaps` in libvirt's src/qemu/qemu_capabilities.c
 */
function has(
  name: string,
  byItself: boolean,
  { addedCapabilities, deletedCapabilities }: Passthrough,
): boolean {
  return (byItself || addedCapabilities.includes(name)) && !deletedCapabilities.includes(name);
}

/** Whether QEMU has KVM's PIT with its policy: only x86 does. */
export function hasPitPolicy(arch: string, passthrough: Passthrough): boolean {
  return has('kvm-pit-lost-tick-policy', isX86(arch), passthrough);
}

/** Whether the CPU has the property migratable: libvirt looks for that of x86_64. */
export function hasMigratable(arch: string, passthrough: Passthrough): boolean {
  return has('cpu.migratable', arch === 'x86_64', passthrough);
}

/** Whether QEMU has the option -no-hpet. */
export function hasNoHpet(arch: string, passthrough: Passthrough): boolean {
  return has('no-hpet', isX86(arch), passthrough);
}

/**
 * Whether libvirt finds the machine option hpet, which QEMU reports since 8.0. Nobody tells QEMU's version,
 * but a versioned machine type needs a QEMU at least as new, and distributions pair libvirt 9.2 and later
 * with such a QEMU. Both spellings mean the same.
 */
export function hasMachineHpet(
  { arch, machine }: Pick<Machine, 'arch' | 'machine'>,
  passthrough: Passthrough,
  libvirtVersion: string | null,
): boolean {
  const version = /^pc-(?:q35|i440fx)-(\d+\.\d+)$/.exec(machine ?? '')?.[1];
  const byItself =
    (version !== undefined && atLeast(version, 8, 0)) ||
    (libvirtVersion !== null && atLeast(libvirtVersion, 9, 2));
  return has('machine-hpet', byItself && isX86(arch), passthrough);
}

/** Whether an HPET with present='yes' passes: 9.0 and 9.1 look for -no-hpet, which they forget where there is the machine option. */
export function allowsHpet(
  machine: Pick<Machine, 'arch' | 'machine'>,
  passthrough: Passthrough,
  libvirtVersion: string | null,
): boolean {
  if (libvirtVersion === null || atLeast(libvirtVersion, 9, 2) || !atLeast(libvirtVersion, 9, 0)) {
    return isX86(machine.arch);
  }
  return (
    isX86(machine.arch) &&
    hasNoHpet(machine.arch, passthrough) &&
    !hasMachineHpet(machine, passthrough, libvirtVersion)
  );
}
