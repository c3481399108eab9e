import { cpuProperty, isOff } from './cpuProperty.js';
import { isCommandLine, type QemuArgument } from './qemuArgument.js';

/**
 * What takes CPUID.1:ECX[31] from the guest, or null while it is there, as by QEMU's default. A guest that does not see
 * the bit looks for no hypervisor, and so for neither kvm-clock nor Hyper-V's clock.
 * @see `__kvm_cpuid_base` in Linux' arch/x86/kernel/kvm.c
 */
export function hypervisorBitOff(args: readonly QemuArgument[]): string | null {
  const bit = cpuProperty(args, 'hypervisor');
  if (!bit || !isOff(bit.value)) return null;
  if (isCommandLine(bit.by)) return `${bit.by} hypervisor=off`;
  return `cpu feature hypervisor policy='${bit.style === 'forbid' ? 'forbid' : 'disable'}'`;
}
