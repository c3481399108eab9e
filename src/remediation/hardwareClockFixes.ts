import type { Finding } from '../checks/finding.js';
import type { HostFacts } from '../facts/host.js';
import { distributionOf } from './distribution.js';
import type { HostFix } from './hostFix.js';

/**
 * The commands that set the hardware clock, and the line that lets the kernel keep it right where chronyd does not.
 * @see hwclock(8), --systohc; chrony.conf(5), rtcsync; timedatectl(1), set-local-rtc
 */
export function hardwareClockFixes(host: HostFacts, { check, code }: Finding): HostFix[] {
  if (code === 'local-time-unsaid') {
    const about = 'writes the system clock into the hardware clock, in UTC, and notes that in /etc/adjtime';
    return [{ check, about, file: null, lines: ['hwclock --systohc --utc'], activate: null }];
  }
  if (code !== 'off') return [];
  const local = host.hardwareClock.known && host.hardwareClock.value?.keeps === 'local';
  const set: HostFix = {
    check,
    about:
      'writes the system clock into the hardware clock; see that the system clock is right first (host/chrony-tracking)',
    file: null,
    lines: [`hwclock --systohc ${local ? '--localtime' : '--utc'}`],
    activate: null,
  };
  return lacksRtcsync(host) ? [set, rtcsync(host, check)] : [set];
}

/** chronyd disciplines the clock, and leaves the kernel's flag set. */
function lacksRtcsync({ chrony, kernelClock }: HostFacts): boolean {
  if (!chrony.known || chrony.value.daemon === 'absent' || chrony.value.steersClock === false) return false;
  return kernelClock.known && kernelClock.value.status.includes('unsync');
}

function rtcsync(host: HostFacts, check: string): HostFix {
  return {
    check,
    about:
      'lets the kernel copy the system clock into the hardware clock every eleven minutes while chronyd is synchronised; leave it where rtcfile is in use, which excludes it',
    file: distributionOf(host) === 'debian' ? '/etc/chrony/conf.d/rtcsync.conf' : '/etc/chrony.conf',
    lines: ['rtcsync'],
    activate: 'systemctl restart chronyd',
  };
}
