import { allowsHpet, hasMigratable, hasPitPolicy } from './capabilities.js';
import type { Clock } from './clockElement.js';
import { passthroughRejections } from './featureRejections.js';
import { isArmVirt, isX86, type Machine } from './machine.js';
import type { Passthrough } from './passthrough.js';
import { child, type XmlElement } from './tree.js';

/** The domain types of libvirt's QEMU driver; `hyperv` may also be that of another. */
const QEMU_TYPES = new Set(['kvm', 'qemu', 'hvf']);

/**
 * Why libvirt's QEMU driver refuses a clock when the domain is defined, beyond what its parser refuses.
 * @see `qemuValidateDomainDefClockTimers` in libvirt's src/qemu/qemu_validate.c
 */
export function driverRejections(
  domain: XmlElement,
  clock: Clock,
  { virtType, arch, machine }: Machine,
  passthrough: Passthrough,
  libvirtVersion: string | null,
): string[] {
  if (!QEMU_TYPES.has(virtType)) return [];
  const rejections = passthroughRejections(passthrough);
  // libvirt looks twice: when it parses, at QEMU's own capabilities, and when it generates, at what is made of them. So
  // one that is added only for the domain does not help.
  const migratable = arch === 'x86_64' && hasMigratable(arch, passthrough);
  const pitPolicy = isX86(arch) && hasPitPolicy(arch, passthrough);
  if (!migratable && asksForMigratable(domain, arch)) {
    rejections.push(`cpu mode='host-passthrough' with migratable='on' and without cpu.migratable on ${arch}`);
  }
  for (const { name, present, tickpolicy, track } of clock.timers) {
    if (name === 'platform') rejections.push("timer 'platform', which QEMU does not have");
    if (name === 'rtc' && track === 'boot') rejections.push("timer 'rtc' with track='boot'");
    if (name === 'rtc' && (tickpolicy === 'merge' || tickpolicy === 'discard')) {
      rejections.push(`timer 'rtc' with tickpolicy='${tickpolicy}'`);
    }
    if (name === 'pit' && tickpolicy === 'merge') rejections.push("timer 'pit' with tickpolicy='merge'");
    if (name === 'pit' && tickpolicy === 'catchup' && !pitPolicy) {
      rejections.push("timer 'pit' with tickpolicy='catchup' and without kvm-pit-lost-tick-policy");
    }
    if (present && !isX86(arch) && ['kvmclock', 'hypervclock', 'tsc'].includes(name)) {
      rejections.push(`timer '${name}' on ${arch}`);
    }
    if (name === 'hpet' && present && !allowsHpet({ arch, machine }, passthrough, libvirtVersion)) {
      rejections.push(
        isX86(arch)
          ? "timer 'hpet' with present='yes', which libvirt does not find in QEMU"
          : `timer 'hpet' on ${arch}`,
      );
    }
    if (name === 'armvtimer') {
      if (!isArmVirt(arch, machine) || virtType !== 'kvm')
        rejections.push("timer 'armvtimer' off ARM's KVM virt machine");
      else if (present === false) rejections.push("timer 'armvtimer' with present='no'");
      else if (tickpolicy === 'catchup' || tickpolicy === 'merge') {
        rejections.push(`timer 'armvtimer' with tickpolicy='${tickpolicy}'`);
      }
    }
  }
  return rejections;
}

/** Without the attribute libvirt fills it in by what the binary has, before the capabilities are changed. */
function asksForMigratable(domain: XmlElement, arch: string): boolean {
  const { mode, migratable = arch === 'x86_64' ? 'on' : 'off' } = child(domain, 'cpu')?.attributes ?? {};
  return mode === 'host-passthrough' && migratable === 'on';
}
