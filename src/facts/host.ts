import type { ChronyAnswer } from './chrony.js';
import { type Fact, leftOut } from './fact.js';
import type { HardwareClock, KernelClock, LeapTable, Virtualisation } from './kernelClock.js';
import type { KvmProbe } from './kvmProbe.js';
import type { PtpClock } from './ptpClock.js';
import type { LinuxptpAnswer, NtpAnswer, TimesyncdAnswer } from './timeDaemons.js';

/** What was read of the hypervisor itself: its kernel, its clock and the daemon that disciplines it. */
export interface HostFacts {
  /** The machine name as the kernel reports it (`uname -m`), such as `x86_64` or `aarch64`. */
  readonly architecture: Fact<string>;
  /** `uname -r`. */
  readonly kernelRelease: Fact<string>;
  readonly timeZone: Fact<TimeZone>;
  readonly clocksource: Fact<Clocksource>;
  readonly chrony: Fact<ChronyAnswer>;
  readonly ptpKvm: Fact<PtpKvmOffer>;
  /** null where the architecture has no TSC. */
  readonly tscFlags: Fact<TscFlags | null>;
  /** Whether this host is itself a guest, and whose; null where it is not. */
  readonly virtualisation: Fact<Virtualisation | null>;
  /** The words of the kernel's command line that concern clocks, such as `tsc=reliable`. */
  readonly clockParameters: Fact<readonly string[]>;
  readonly kernelClock: Fact<KernelClock>;
  /** null where the machine has none. */
  readonly hardwareClock: Fact<HardwareClock | null>;
  /** null where this host has no such table. */
  readonly leapTable: Fact<LeapTable | null>;
  readonly ptpClocks: Fact<readonly PtpClock[]>;
  /** What KVM offers, tried out; left out where nobody wanted it tried. */
  readonly kvm: Fact<KvmProbe>;
  /** null where it does not run; so with the two that follow. */
  readonly timesyncd: Fact<TimesyncdAnswer | null>;
  readonly ntpd: Fact<NtpAnswer | null>;
  readonly linuxptp: Fact<LinuxptpAnswer | null>;
  /** The daemons that run and may set the system clock, by name, each once. */
  readonly timeDaemons: Fact<readonly string[]>;
  readonly kvmParameters: Fact<KvmParameters>;
  /** null where the service is not installed. */
  readonly libvirtGuests: Fact<LibvirtGuests | null>;
  /** Whether each time zone that a domain names exists in the host's zoneinfo. */
  readonly zoneinfo: Fact<Readonly<Record<string, boolean>>>;
  /** The host's TSC as libvirt sees it; null where the host has no invariant TSC. */
  readonly tscCounter: Fact<TscCounter | null>;
  /** As `9.0.0`. */
  readonly libvirtVersion: Fact<string>;
  /** As `7.2.22`; only asked for where a verdict depends on it. */
  readonly qemuVersion: Fact<string>;
}

/**
 * What the host's CPUs say of their TSC.
 * @see the kernel's arch/x86/include/asm/cpufeatures.h, shown in /proc/cpuinfo
 */
export interface TscFlags {
  /** It ticks at the same rate whatever the CPU's frequency. */
  readonly constant: boolean;
  /** It ticks on in deep sleep states. */
  readonly nonstop: boolean;
}

/** Parameters of the kernel's kvm module; null for one that this kernel does not have. */
export interface KvmParameters {
  /** Whether KVM brings all of a guest's kvm-clocks into line with the host every five minutes. */
  readonly kvmclockPeriodicSync: boolean | null;
  /** How far a guest's TSC frequency may be from the host's before KVM scales it, in ppm. */
  readonly tscTolerancePpm: number | null;
}

/**
 * What the service libvirt-guests does with guests when the host goes down and comes up. Nothing, unless systemd
 * starts it.
 * @see libvirt-guests(8)
 */
export type LibvirtGuests = { readonly enabled: false } | LibvirtGuestsSettings;

/** The settings of libvirt-guests that have a say in a guest's clock. */
export interface LibvirtGuestsSettings {
  readonly enabled: true;
  /** `ON_BOOT`: `start` brings back the guests that ran; everything else leaves them alone. */
  readonly onBoot: string;
  /** `ON_SHUTDOWN`: `shutdown` shuts guests down; everything else saves them to disk with their memory. */
  readonly onShutdown: string;
  /** `SYNC_TIME`: whether the guest agent is told the time after a guest was brought back. */
  readonly syncTime: boolean;
}

/**
 * `<counter name='tsc'>` of libvirt's capabilities.
 * @see {@link https://libvirt.org/formatcaps.html}
 */
export interface TscCounter {
  readonly frequencyHz: number;
  /** Whether the CPU can give a guest another frequency; null where libvirt does not tell. */
  readonly scaling: boolean | null;
}

/** The zone that `base=localtime` and `offset='localtime'` refer to on this host. */
export interface TimeZone {
  /** The IANA name behind `/etc/localtime`, or the POSIX rule at the end of the file it holds. */
  readonly name: string;
  /** True when the zone never differs from UTC. */
  readonly isUtc: boolean;
}

/**
 * The kernel's clocksource, from `/sys/devices/system/clocksource/clocksource0`.
 * @see Documentation/ABI/testing/sysfs-devices-clocksource in the kernel
 */
export interface Clocksource {
  readonly current: string;
  readonly available: readonly string[];
}

/** Whether this host's kernel can answer the clock pairing call that a guest's ptp_kvm driver makes. */
export interface PtpKvmOffer {
  readonly offered: boolean;
  /** Why, in one sentence without a full stop. */
  readonly because: string;
  /** What would have to change on the host, where it does not offer it. */
  readonly wouldNeed?: string;
}

/** Stands for a host that nobody asked about, so that its absence is not held against anything. */
export function hostLeftOut(reason: string): HostFacts {
  const fact = leftOut('host', reason);
  return {
    architecture: fact,
    kernelRelease: fact,
    timeZone: fact,
    clocksource: fact,
    chrony: fact,
    ptpKvm: fact,
    tscFlags: fact,
    virtualisation: fact,
    clockParameters: fact,
    kernelClock: fact,
    hardwareClock: fact,
    leapTable: fact,
    ptpClocks: fact,
    kvm: fact,
    timesyncd: fact,
    ntpd: fact,
    linuxptp: fact,
    timeDaemons: fact,
    kvmParameters: fact,
    libvirtGuests: fact,
    zoneinfo: fact,
    tscCounter: fact,
    libvirtVersion: fact,
    qemuVersion: fact,
  };
}
