import type { Clock } from './clockElement.js';
import { isX86 } from './effectiveClock.js';

/**
 * Why libvirt's QEMU driver refuses a clock when the domain is defined, beyond what its parser refuses.
 * @see `qemuValidateDomainDefClockTimers` in libvirt's src/qemu/qemu_validate.c
 */
export function driverRejections(
  clock: Clock,
  { virtType, arch, machine }: { virtType: string; arch: string; machine: string | undefined },
): string[] {
  const rejections: string[] = [];
  for (const { name, present, tickpolicy, track } of clock.timers) {
    if (name === 'platform') rejections.push("timer 'platform', which QEMU does not have");
    if (name === 'rtc' && track === 'boot') rejections.push("timer 'rtc' with track='boot'");
    if (name === 'rtc' && (tickpolicy === 'merge' || tickpolicy === 'discard')) {
      rejections.push(`timer 'rtc' with tickpolicy='${tickpolicy}'`);
    }
    if (name === 'pit' && tickpolicy === 'merge') rejections.push("timer 'pit' with tickpolicy='merge'");
    if (present && !isX86(arch) && ['kvmclock', 'hypervclock', 'tsc'].includes(name)) {
      rejections.push(`timer '${name}' on ${arch}`);
    }
    if (name === 'armvtimer') {
      const arm = (arch === 'aarch64' || arch === 'armv7l') && /^virt(-|$)/.test(machine ?? '');
      if (!arm || virtType !== 'kvm') rejections.push("timer 'armvtimer' off ARM's KVM virt machine");
      else if (present === false) rejections.push("timer 'armvtimer' with present='no'");
      else if (tickpolicy === 'catchup' || tickpolicy === 'merge') {
        rejections.push(`timer 'armvtimer' with tickpolicy='${tickpolicy}'`);
      }
    }
  }
  return rejections;
}
