import type { DomainDefinition } from '../facts/definition.js';

/** The machines on which libvirt finds a place for a virtio-serial controller by itself, by architecture. */
const MACHINES: ReadonlyMap<string, RegExp> = new Map([
  ['x86_64', /^(pc|q35)(-|$)/],
  ['i686', /^(pc|q35)(-|$)/],
  ['aarch64', /^virt(-|$)/],
  ['armv7l', /^virt(-|$)/],
  ['riscv64', /^virt(-|$)/],
  ['loongarch64', /^virt(-|$)/],
  ['ppc64', /^pseries(-|$)/],
  ['ppc64le', /^pseries(-|$)/],
  ['s390x', /^s390-ccw-virtio(-|$)/],
]);

/** Where libvirt fills in a machine that nobody wrote down, and that machine has been the same in all versions. */
const SAFE_DEFAULT = new Set(['x86_64', 'i686', 'ppc64', 'ppc64le', 's390x']);

/**
 * Whether a virtio channel that is added without an address can be defined and started: not on isapc, which has no bus
 * for it, nor on microvm, for which libvirt knows no addresses.
 * @see `qemuDomainAssignAddresses` in libvirt's src/qemu/qemu_domain_address.c
 */
export function takesVirtioSerial({ arch, machine }: Pick<DomainDefinition, 'arch' | 'machine'>): boolean {
  if (machine === undefined) return arch === undefined || SAFE_DEFAULT.has(arch);
  if (arch !== undefined) return MACHINES.get(arch)?.test(machine) ?? false;
  return [...MACHINES.values()].some((machines) => machines.test(machine));
}
