/**
 * The kernel's own view of its clock, as `adjtimex` tells it without changing anything. An offset is positive when the
 * clock is **ahead** of what it is steered to, a frequency is positive when the kernel makes it run **faster**.
 * @see adjtimex(2)
 */
export interface KernelClock {
  /** `TIME_OK` and so on: what the call returned. */
  readonly state: 'ok' | 'insert-second' | 'delete-second' | 'leap-in-progress' | 'leap-over' | 'error';
  /** The names of the status bits that are set, without `STA_`, in lower case: `pll`, `unsync`, `nano`. */
  readonly status: readonly string[];
  /** The bound on the clock's error; 16 where nothing disciplines it, growing by 500 ppm between updates. */
  readonly maxErrorSeconds: number;
  readonly estimatedErrorSeconds: number;
  /** What is still being slewed away. */
  readonly remainingOffsetSeconds: number;
  /** By its frequency and by the length of its tick together; while an offset is slewed away, that is part of it. */
  readonly frequencyPpm: number;
  /** TAI - UTC; 0 where nobody has told the kernel. */
  readonly taiOffsetSeconds: number;
}

/** What another system is, that this one runs on. */
export interface Virtualisation {
  /** In the words of systemd-detect-virt(1): `kvm`, `qemu`, `vmware`, `microsoft`, `xen`, `oracle`, …; `other` when it is not known. */
  readonly hypervisor: string;
  /** What showed it, such as `DMI system vendor 'QEMU'`. */
  readonly evidence: string;
}

/** The battery-backed clock of the machine. */
export interface HardwareClock {
  /** As `/dev/rtc0`. */
  readonly device: string;
  /** The driver's name, such as `rtc_cmos`. */
  readonly name: string;
  /** How far it is ahead of the system clock, taken for UTC or for local time as `keeps` says. */
  readonly offsetSeconds: number;
  /** How far `offsetSeconds` may be off: half a second, or some milliseconds where a second's edge was waited for. */
  readonly errorBoundSeconds: number;
  /** What it keeps: by `/etc/adjtime` where that tells; by what fits where it does not. */
  readonly keeps: 'utc' | 'local';
  readonly keepsDecidedBy: string;
}

/** The table of leap seconds that programs on this host rely on. */
export interface LeapTable {
  readonly path: string;
  /** From when on it does not tell, in seconds since 1970. */
  readonly expiresAtSeconds: number;
  /** When it was read. */
  readonly readAtSeconds: number;
}
