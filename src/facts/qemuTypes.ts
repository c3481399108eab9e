const QEMU_TYPES: ReadonlySet<string> = new Set(['kvm', 'qemu', 'hvf', 'hyperv']);

/** Whether libvirt's QEMU driver runs domains of that type; the clock model is that of QEMU. */
export function isQemuType(virtType: string): boolean {
  return QEMU_TYPES.has(virtType);
}
