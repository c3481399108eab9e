import { readOrNull } from './virtualisationFiles.js';

/** What a machine's firmware says of who made it, where that is a hypervisor's name. */
export interface DmiVendor {
  /** In the words of systemd-detect-virt(1). */
  readonly hypervisor: string;
  readonly evidence: string;
  /** True for names that no machine of metal bears. */
  readonly onlyVirtual: boolean;
  /** True for QEMU's own, which say nothing of the accelerator. */
  readonly general: boolean;
}

interface Name {
  readonly begins: string;
  readonly hypervisor: string;
  /** For names that real machines bear too: only what a CPU flag or another field says makes a guest of them. */
  readonly metalToo?: true;
}

/** By the beginning of a field; the first that fits. */
const NAMES: readonly Name[] = [
  { begins: 'OpenStack', hypervisor: 'kvm' },
  { begins: 'KubeVirt', hypervisor: 'kvm' },
  { begins: 'KVM', hypervisor: 'kvm' },
  { begins: 'QEMU', hypervisor: 'qemu' },
  { begins: 'VMware', hypervisor: 'vmware' },
  { begins: 'VMW', hypervisor: 'vmware' },
  { begins: 'innotek GmbH', hypervisor: 'oracle' },
  { begins: 'VirtualBox', hypervisor: 'oracle' },
  { begins: 'Bochs', hypervisor: 'bochs' },
  { begins: 'BHYVE', hypervisor: 'bhyve' },
  { begins: 'Parallels', hypervisor: 'parallels' },
  { begins: 'Xen', hypervisor: 'xen' },
  { begins: 'Hyper-V', hypervisor: 'microsoft' },
  { begins: 'Apple Virtualization', hypervisor: 'apple' },
  { begins: 'Amazon EC2', hypervisor: 'amazon', metalToo: true },
  { begins: 'Google Compute Engine', hypervisor: 'google', metalToo: true },
];

/** In the order in which they tell most. */
const FIELDS = ['product_name', 'sys_vendor', 'board_vendor', 'bios_vendor', 'product_version'];

/**
 * Looks for a hypervisor's name in what DMI says of the machine.
 * @param root - the directory that stands for `/`
 * @see `detect_vm_dmi_vendor` in systemd's src/basic/virt.c
 */
export function dmiVendor(root: string): DmiVendor | null {
  // EC2 names its types of machines here, such as c7g.metal or m5.metal-24xl.
  if (/\.metal\b/.test(field(root, 'product_name'))) return null;
  for (const name of FIELDS) {
    const text = field(root, name);
    const it = NAMES.find(({ begins }) => text.startsWith(begins));
    if (it) {
      return {
        hypervisor: it.hypervisor,
        evidence: `DMI ${name} '${text.slice(0, 64)}'`,
        onlyVirtual: it.metalToo !== true,
        general: it.hypervisor === 'qemu' || it.hypervisor === 'bochs',
      };
    }
  }
  return null;
}

/** Empty where the machine has none, or nobody may read it: firmware without DMI is nothing unusual. */
function field(root: string, name: string): string {
  try {
    return (readOrNull(root, `/sys/class/dmi/id/${name}`) ?? '').trim();
  } catch {
    return '';
  }
}
