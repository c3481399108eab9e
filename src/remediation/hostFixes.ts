import type { Finding } from '../checks/finding.js';
import type { HostFacts } from '../facts/host.js';
import type { Policy } from '../policy/policy.js';
import { chronyFixes } from './chronyFixes.js';
import { chronyControlFixes, chronySourceFixes } from './chronySourceFixes.js';
import { distributionOf } from './distribution.js';
import { hardwareClockFixes } from './hardwareClockFixes.js';
import type { HostFix } from './hostFix.js';
import { linuxptpFixes, ntpdFixes, timesyncdFixes } from './otherDaemonFixes.js';
import { shellCommand } from './shellCommand.js';
import { timeDaemonFixes } from './timeDaemonFixes.js';

type FixesOf = (host: HostFacts, finding: Finding, policy: Pick<Policy, 'fleetTimeZone'>) => HostFix[];

const FIXES: Readonly<Record<string, FixesOf>> = {
  'host/chrony-tracking': chronyFixes,
  'host/chrony-sources': chronySourceFixes,
  'host/chrony-control': chronyControlFixes,
  'host/timesyncd': timesyncdFixes,
  'host/ntpd': ntpdFixes,
  'host/linuxptp': linuxptpFixes,
  'host/time-daemons': timeDaemonFixes,
  'host/hardware-clock': hardwareClockFixes,
  'host/libvirt-guests': libvirtGuestsFixes,
  'host/clocksource': clocksourceFixes,
  'host/time-zone': timeZoneFixes,
};

/**
 * What an operator can paste for the findings about the hypervisor itself; nothing for those where no text is
 * certain to be right, such as a TSC that the firmware has to mend.
 * @param findings - all that was found about the host; only warnings and failures are looked at
 */
export function hostFixesFor(
  host: HostFacts,
  findings: readonly Finding[],
  policy: Pick<Policy, 'fleetTimeZone'>,
): HostFix[] {
  return findings
    .filter(({ outcome }) => outcome === 'warn' || outcome === 'fail')
    .flatMap((finding) => FIXES[finding.check]?.(host, finding, policy) ?? []);
}

/**
 * The service reads its file when it stops and when it starts. Restarting it would save or shut down every guest.
 * @see libvirt-guests(8)
 */
function libvirtGuestsFixes(host: HostFacts, { check, code }: Finding): HostFix[] {
  const file = libvirtGuestsFile(host);
  const read =
    'read at the next shutdown of the host: do not restart libvirt-guests for it, which would stop all guests';
  const syncTime =
    'every guest that it brings back needs a running guest agent, and an RTC that follows the host';
  const shutDown: HostFix = {
    check,
    about: `or shuts guests down, so that none keeps an old clock: a guest that ignores it is given SHUTDOWN_TIMEOUT seconds; ${read}`,
    file,
    lines: ['ON_SHUTDOWN=shutdown'],
    activate: null,
  };
  if (code === 'time-not-set') {
    const about = `sets the time of the guests that are brought back when the host comes up (ON_BOOT=start): ${syncTime}; ${read}`;
    return [{ check, about, file, lines: ['SYNC_TIME=1'], activate: null }, shutDown];
  }
  if (code !== 'restored-elsewhere') return [];
  const about = `brings the guests back that ran, and sets their time: ${syncTime}; ${read}`;
  return [{ check, about, file, lines: ['ON_BOOT=start', 'SYNC_TIME=1'], activate: null }, shutDown];
}

function libvirtGuestsFile(host: HostFacts): string {
  const source = host.libvirtGuests.known ? host.libvirtGuests.source : '';
  const read = /\/etc\/(default|sysconfig|conf\.d)\/libvirt-guests/.exec(source)?.[0];
  if (read) return read;
  return distributionOf(host) === 'debian' ? '/etc/default/libvirt-guests' : '/etc/sysconfig/libvirt-guests';
}

/** What each architecture's host had better keep time by. */
const PROPER: Readonly<Record<string, string>> = { x86_64: 'tsc', aarch64: 'arch_sys_counter' };

/** @see Documentation/ABI/testing/sysfs-devices-clocksource in the kernel */
function clocksourceFixes({ architecture, clocksource }: HostFacts, { check, code }: Finding): HostFix[] {
  const proper = architecture.known ? PROPER[architecture.value] : undefined;
  if (code !== 'slow-clocksource' || !proper || !clocksource.known) return [];
  // Once its watchdog has found the TSC unreliable, the kernel lists it no longer.
  if (!clocksource.value.available.includes(proper)) return [];
  return [
    {
      check,
      about: `lets the kernel keep time by ${proper}, which it has not found unreliable, until the next boot; running guests get their TSC-stable kvm-clock back; take clocksource= and notsc from the kernel's command line to make it last`,
      file: null,
      lines: [`echo ${proper} > /sys/devices/system/clocksource/clocksource0/current_clocksource`],
      activate: null,
    },
  ];
}

/** @see timedatectl(1) */
function timeZoneFixes(
  _host: HostFacts,
  { check, code }: Finding,
  { fleetTimeZone }: Pick<Policy, 'fleetTimeZone'>,
): HostFix[] {
  if (code !== 'other-zone' || fleetTimeZone === null) return [];
  return [
    {
      check,
      about:
        "gives the host the fleet's time zone; running guests keep the RTC that they were started with, and those in local time get the new one at their next start",
      file: null,
      lines: [shellCommand('timedatectl', 'set-timezone', fleetTimeZone)],
      activate: null,
    },
  ];
}
