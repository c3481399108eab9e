import { allowsHpet, hasMigratable, hasPitPolicy } from './capabilities.js';
import type { Clock } from './clockElement.js';
import { passthroughRejections } from './featureRejections.js';
import { isArmVirt, isX86, type Machine } from './machine.js';
import type { Passthrough } from './passthrough.js';
import { child, type XmlElement } from './tree.js';

/** The domain types of libvirt's QEMU driver; `hyperv` may also be that of another. */
const QEMU_TYPES = new Set(['kvm', 'qemu', 'hvf']);

/** Every start to come lies between these: 2023 is over, and a definition of today will not see the year 2100. */
const EARLIEST_START_SECONDS = 1_673_784_000;
const LATEST_START_SECONDS = 4_102_444_800;
/** The first second of the year 1 and that of the year 10000: between them glib writes a date. */
const FIRST_DATE_SECONDS = -62_135_596_800;
const FIRST_BEYOND_SECONDS = 253_402_300_800;

/**
 * Why no start with this adjustment can work, whenever it is. Outside glib's years libvirt writes `base=(null)`, which
 * QEMU refuses.
 * @param adjustmentSeconds - null where the RTC does not start by an adjustment
 * @see `qemuBuildClockArgStr` in libvirt's src/qemu/qemu_command.c
 */
function adjustmentRejections(adjustmentSeconds: number | null): string[] {
  if (adjustmentSeconds === null) return [];
  const refused = 'for which libvirt writes no date that QEMU takes';
  if (EARLIEST_START_SECONDS + adjustmentSeconds >= FIRST_BEYOND_SECONDS) {
    return [`clock adjustment of ${adjustmentSeconds} s beyond the year 9999, ${refused}`];
  }
  return LATEST_START_SECONDS + adjustmentSeconds < FIRST_DATE_SECONDS
    ? [`clock adjustment of ${adjustmentSeconds} s before the year 1, ${refused}`]
    : [];
}

/**
 * Why libvirt's QEMU driver refuses a clock when the domain is defined, beyond what its parser refuses, or QEMU
 * when it starts.
 * @param adjustmentSeconds - how far ahead the RTC starts; null where no adjustment decides that
 * @see `qemuValidateDomainDefClockTimers` in libvirt's src/qemu/qemu_validate.c
 */
export function driverRejections(
  domain: XmlElement,
  clock: Clock,
  { virtType, arch, machine }: Machine,
  passthrough: Passthrough,
  libvirtVersion: string | null,
  adjustmentSeconds: number | null,
): string[] {
  if (!QEMU_TYPES.has(virtType)) return [];
  const rejections = [...passthroughRejections(passthrough), ...adjustmentRejections(adjustmentSeconds)];
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
