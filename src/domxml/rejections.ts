import type { Clock } from './clockElement.js';
import { isArmVirt, isX86, type Machine } from './effectiveClock.js';
import type { Passthrough } from './passthrough.js';

/**
 * Why libvirt's QEMU driver refuses a clock when the domain is defined, beyond what its parser refuses.
 * @see `qemuValidateDomainDefClockTimers` in libvirt's src/qemu/qemu_validate.c
 */
export function driverRejections(
  clock: Clock,
  { virtType, arch, machine }: Machine,
  { deletedCapabilities }: Passthrough,
): string[] {
  if (virtType !== 'kvm' && virtType !== 'qemu') return [];
  const rejections: string[] = [];
  for (const { name, present, tickpolicy, track } of clock.timers) {
    if (name === 'platform') rejections.push("timer 'platform', which QEMU does not have");
    if (name === 'rtc' && track === 'boot') rejections.push("timer 'rtc' with track='boot'");
    if (name === 'rtc' && (tickpolicy === 'merge' || tickpolicy === 'discard')) {
      rejections.push(`timer 'rtc' with tickpolicy='${tickpolicy}'`);
    }
    if (name === 'pit' && tickpolicy === 'merge') rejections.push("timer 'pit' with tickpolicy='merge'");
    if (
      name === 'pit' &&
      tickpolicy === 'catchup' &&
      deletedCapabilities.includes('kvm-pit-lost-tick-policy')
    ) {
      rejections.push("timer 'pit' with tickpolicy='catchup' and without kvm-pit-lost-tick-policy");
    }
    if (present && !isX86(arch) && ['kvmclock', 'hypervclock', 'tsc', 'hpet'].includes(name)) {
      rejections.push(`timer '${name}' on ${arch}`);
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
