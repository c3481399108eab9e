import { HOST_CHECKS } from '../src/checks/registry.js';
import { GENERATED } from '../src/cli/reference.js';
import type { HostFacts } from '../src/facts/host.js';

interface FactDescription {
  /** What it is, and how it is read. */
  readonly from: string;
  /** What a user who is not root needs for it; nothing where anybody may. */
  readonly rights?: string;
  /** The checks of domains that look at it; those of the host are taken from their declarations. */
  readonly domains?: readonly string[];
}

/** The type makes a fact without a description an error. */
const FACTS: Readonly<Record<keyof HostFacts, FactDescription>> = {
  architecture: { from: '`uname -m`' },
  kernelRelease: { from: '`uname -r`' },
  timeZone: {
    from: '`/etc/localtime`: where it links to, or the rule at its end',
    domains: ['domain/host-timezone', 'domain/clock-offset'],
  },
  clocksource: { from: '`/sys/devices/system/clocksource/clocksource0`' },
  chrony: {
    from: '`chronyc -c -n -m tracking sources sourcestats activity`; for whether it steers the clock, the command line and capabilities of chronyd in `/proc`',
    rights: "UDP port 323 on loopback (`cmdport`); chronyd's socket is root's and its own user's",
  },
  ptpKvm: {
    from: 'worked out from `kvm` where that could be tried out, otherwise from `clocksource`',
    domains: ['domain/ptp-kvm', 'domain/kvmclock'],
  },
  tscFlags: { from: '`/proc/cpuinfo`, the first processor' },
  virtualisation: {
    from: '`/proc/cpuinfo` (flag `hypervisor`), `/sys/class/dmi/id`, `/sys/hypervisor/type`, the clocksources; `/proc/device-tree` on ARM, `/proc/sysinfo` on s390x',
  },
  clockParameters: { from: '`/proc/cmdline`: only the words that concern clocks are kept' },
  kernelClock: {
    from: 'adjtimex(2) with modes 0, which changes nothing',
    rights: 'a seccomp filter or `ProtectClock=` may forbid the call',
  },
  hardwareClock: {
    from: '`/sys/class/rtc` (the clock that set the system clock, or the first), `/etc/adjtime`; an audit does not wait for a second to begin, so half a second is as near as it gets. `probe` waits',
  },
  leapTable: { from: '`/usr/share/zoneinfo/leap-seconds.list` or `leapseconds`' },
  ptpClocks: {
    from: '`/sys/class/ptp`; capabilities and offset by ioctl(2) on `/dev/ptpN`, opened for reading: PTP_SYS_OFFSET_PRECISE, else EXTENDED, else the plain one, the quickest of five; the users from `/proc/PID/fd` of time daemons',
    rights: 'read access to `/dev/ptpN`; root to see who has it open',
  },
  kvm: {
    from: 'tried out in a virtual machine of some milliseconds, in a process of its own: see [trying out what KVM offers](kvm-probe.md)',
    rights: 'the group of `/dev/kvm`',
    domains: ['domain/kvmclock'],
  },
  timesyncd: { from: '`busctl get-property org.freedesktop.timesync1`, only where systemd-timesyncd runs' },
  ntpd: { from: '`ntpq -n -c rv -c peers`, only where ntpd runs' },
  linuxptp: {
    from: 'the command lines of phc2sys and ptp4l in `/proc`, and their configuration; `pmc` where one of them steers the system clock',
    rights: "root for ptp4l's socket",
  },
  timeDaemons: {
    from: '`/proc/PID/comm` of every process; `status` and `uid_map` of time daemons',
    rights: 'a `/proc` that hides no processes (`hidepid`)',
  },
  kvmParameters: { from: '`/sys/module/kvm/parameters`' },
  libvirtGuests: { from: 'the script and settings of libvirt-guests, and whether systemd starts it' },
  zoneinfo: {
    from: '`/usr/share/zoneinfo`, for the zones that domains name',
    domains: ['domain/timezone', 'domain/clock-offset'],
  },
  tscCounter: {
    from: "libvirt's capabilities, where a domain names a TSC frequency",
    domains: ['domain/tsc-frequency'],
  },
  libvirtVersion: { from: 'virConnectGetLibVersion' },
  qemuVersion: { from: 'virConnectGetVersion, where a verdict depends on it' },
};

/** What is read of a host, how and with which rights, in Markdown. */
export function hostReference(): string {
  const rows = Object.entries(FACTS).map(([name, { from, rights, domains = [] }]) => {
    const needing = HOST_CHECKS.filter(({ needs }) => (needs as readonly string[]).includes(name)).map(
      ({ id }) => id,
    );
    const checks = [...needing, ...domains].map((id) => `[\`${id}\`](checks.md#${id.replace('/', '')})`);
    return `| \`${name}\` | ${from} | ${rights ?? ''} | ${checks.join(', ')} |`;
  });
  return `${GENERATED}

# What is read of the host

A guest is as right as its host, so an audit looks at the host, too: at its clock, at the daemon that disciplines it, at what its
kernel makes of it, and at what KVM offers to guests. It only reads. No clock is set, no daemon is told anything, and what runs is asked
by its own command: without a shell, in the C locale, and with a deadline (\`--timeout\`) after which it is killed. ntpd,
systemd-timesyncd and ptp4l are only asked where they run.

## When

The host is looked at when the domains come from this machine's hypervisor. Files, remote URIs and libvirt's test driver may be about
another machine: there it is left out, and \`run.hostNote\` of the report says why. \`--host\` takes this machine's all the same,
\`--no-host\` leaves it out, and \`--no-domains\` looks at nothing else.

What is left out makes the checks that rest on it *not applicable*. What could not be read makes them *unknown*, with the reason: exit
code 3 says that an audit may have missed something.

| option | what it changes |
|---|---|
| \`--no-probe\` | KVM is not tried out: no virtual machine is made |
| \`--chronyc PATH\` | the chronyc to run, in place of the one in the usual places (\`PATH\` is not looked at) |
| \`--chrony-host ADDRESS\` | where chronyd is: an address, or the absolute path of its socket |
| \`--timeout SECONDS\` | the longest wait for any one answer |

## What

Facts stand under \`host.facts\` in the [JSON report](reports.md#json) and in [saved facts](reports.md#saved-facts), each with its source or with
the reason why it is unknown. Root may read all of them; the third column says what anybody else needs.

| fact | read from | rights | checks that need it, or look at it |
|---|---|---|---|
${rows.join('\n')}

Names of servers, devices and processes come from outside. They are shown, with control characters made visible, and never run or
opened.

## Elsewhere

\`collect\` saves what was read, and \`--from\` judges it on any machine with the same result; the wording of a verdict is that of the
version that judges. Facts that an older version saved lack what it did not collect: the checks that need it do not apply. The measurements are as old as
the file: a host's clock is judged as it was when the facts were collected.
`;
}
