import { type Fact, known, type Unknown, unknown } from '../facts/fact.js';
import type { Virtualisation } from '../facts/kernelClock.js';
import { errorCode } from './boundedFile.js';
import { cpuFlags } from './cpuFlags.js';
import { dmiVendor } from './dmiVendor.js';
import { listedClocksources, readOrNull } from './virtualisationFiles.js';

const CPUINFO = '/proc/cpuinfo';

/**
 * Tells whether this machine is itself a guest, and whose. A container is none. Only a hypervisor that hides itself
 * from its guests cannot be seen.
 * @param root - the directory that stands for `/`
 * @param architecture - as `uname -m` prints it
 * @returns null for a machine of its own
 * @see systemd-detect-virt(1), and src/basic/virt.c in systemd for what each hypervisor leaves behind
 */
export function readVirtualisation(root: string, architecture: string): Fact<Virtualisation | null> {
  try {
    if (/^(x86_64|i[3-6]86)$/.test(architecture)) return onX86(root);
    if (/^s390/.test(architecture)) return onS390(root);
    return elsewhere(root);
  } catch (error) {
    const { path = CPUINFO } = error as NodeJS.ErrnoException;
    const shown = path.startsWith(root) ? `/${path.slice(root.length).replace(/^\/+/, '')}` : path;
    const reason = `${shown} cannot be read (${errorCode(error)}), so it cannot be told whether this host is a guest itself`;
    return unknown(shown, 'virtualisation-unreadable', reason);
  }
}

/** Every hypervisor sets the CPU flag, so that the rest only tells whose it is. */
function onX86(root: string): Fact<Virtualisation | null> {
  const flags = cpuFlags(root);
  if (flags === null) {
    const reason = `${CPUINFO} has no flags line for its first processor; it cannot be told whether this host is a guest itself`;
    return unknown(CPUINFO, 'cpuinfo-garbled', reason);
  }
  const dmi = dmiVendor(root);
  if (!flags.has('hypervisor')) {
    // The flag can be taken from a guest (-cpu host,-hypervisor); no machine is sold under these names.
    return dmi?.onlyVirtual ? found(dmi.hypervisor, dmi.evidence) : known(null, CPUINFO);
  }
  const xen = xenGuest(root);
  if (xen) return xen;
  if (dmi && !dmi.general) return found(dmi.hypervisor, dmi.evidence);
  // The kernel only registers a paravirtual clocksource after it has recognised its hypervisor by CPUID.
  const sources = listedClocksources(root);
  if (sources.includes('kvm-clock')) return found('kvm', 'clocksource kvm-clock');
  const hyperv = sources.find((name) => name.startsWith('hyperv_clocksource'));
  if (hyperv) return found('microsoft', `clocksource ${hyperv}`);
  return dmi ? found(dmi.hypervisor, dmi.evidence) : found('other', 'CPU flag hypervisor');
}

/** Xen's first domain runs on the machine itself, though by Xen's leave: it is where its hypervisor is managed. */
function xenGuest(root: string): Fact<Virtualisation | null> | null {
  if (readOrNull(root, '/sys/hypervisor/type')?.trim() !== 'xen') return null;
  const control = readOrNull(root, '/proc/xen/capabilities')?.includes('control_d') ?? false;
  return control ? known(null, '/proc/xen/capabilities') : found('xen', '/sys/hypervisor/type');
}

/** @see the kernel's arch/s390/kernel/sysinfo.c: the lines VM00 are there in a guest only */
function onS390(root: string): Fact<Virtualisation | null> {
  const path = '/proc/sysinfo';
  const text = readOrNull(root, path);
  if (text === null) {
    const reason = `${path} is not there, so it cannot be told whether this host is a guest itself; is /proc mounted?`;
    return unknown(path, 'virtualisation-unreadable', reason);
  }
  const program = /^VM00 Control Program:[ \t]*(\S.*)$/m.exec(text)?.[1]?.trimEnd();
  if (program === undefined) {
    // Every machine has the first line, so that a file without it is none of the kernel's.
    return /^Manufacturer:/m.test(text) ? known(null, path) : garbled(path);
  }
  return found(program.startsWith('z/VM') ? 'zvm' : 'kvm', `control program ${program.slice(0, 64)}`);
}

/** ARM, RISC-V and POWER have no flag: firmware tells, by the device tree or by DMI. */
function elsewhere(root: string): Fact<Virtualisation | null> {
  const tree = '/proc/device-tree';
  const hypervisor = readOrNull(root, `${tree}/hypervisor/compatible`)?.replaceAll('\0', ' ').trim();
  if (hypervisor === '') return garbled(`${tree}/hypervisor/compatible`);
  if (hypervisor !== undefined) {
    const names = ['kvm', 'xen', 'vmware'].filter((name) => hypervisor.includes(name));
    return found(names[0] ?? 'other', `device tree's hypervisor ${hypervisor.slice(0, 64)}`);
  }
  const xen = xenGuest(root);
  if (xen) return xen;
  const dmi = dmiVendor(root);
  if (dmi) return found(dmi.hypervisor, dmi.evidence);
  const machine = readOrNull(root, `${tree}/compatible`)?.replaceAll('\0', ' ').trim();
  if (machine !== undefined) {
    if (/qemu,pseries|linux,dummy-virt/.test(machine)) {
      return found('qemu', `device tree's machine ${machine.slice(0, 64)}`);
    }
    const partition = readOrNull(root, `${tree}/ibm,partition-name`);
    return partition === null ? known(null, tree) : found('powervm', "device tree's ibm,partition-name");
  }
  const vendor = '/sys/class/dmi/id/sys_vendor';
  if (readOrNull(root, vendor) !== null) return known(null, vendor);
  const reason = 'neither a device tree nor DMI tells what this machine is; are /proc and /sys mounted?';
  return unknown(`${tree}, ${vendor}`, 'virtualisation-not-told', reason);
}

function garbled(path: string): Unknown {
  const reason = `${path} holds none of what the kernel writes there, so it cannot be told whether this host is a guest itself`;
  return unknown(path, 'virtualisation-garbled', reason);
}

function found(hypervisor: string, evidence: string): Fact<Virtualisation> {
  return known({ hypervisor, evidence }, evidence);
}
