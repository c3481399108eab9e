import type { ChronyAnswer } from './chrony.js';
import { type Fact, leftOut } from './fact.js';

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
  };
}
