/**
 * A PTP hardware clock of this machine.
 * @see Documentation/driver-api/ptp.rst in the kernel
 */
export interface PtpClock {
  /** As `/dev/ptp0`. */
  readonly device: string;
  /** `clock_name` in sysfs, such as `KVM virtual PTP`; a driver chooses it. */
  readonly clockName: string;
  /** null for a clock of no device, such as a hypervisor's. */
  readonly driver: string | null;
  /** The network interfaces that take their timestamps from it, in the order of the alphabet. */
  readonly interfaces: readonly string[];
  /** null where the device could not be asked. */
  readonly capabilities: PtpCapabilities | null;
  /** Against CLOCK_REALTIME; null with the reason where it was not measured. */
  readonly offset: PtpOffset | null;
  /** Why there is no offset, in one sentence without a full stop; null where there is one. */
  readonly offsetMissing: string | null;
  /** The time daemons that have it open, by name, each once; null where that cannot be seen. */
  readonly users: readonly string[] | null;
}

/** `struct ptp_clock_caps`, see the kernel's include/uapi/linux/ptp_clock.h. */
export interface PtpCapabilities {
  /** How far its frequency can be adjusted, in parts per billion; 0 for one that nobody can adjust. */
  readonly maxAdjustmentPpb: number;
  readonly alarms: number;
  readonly externalTimestamps: number;
  readonly periodicOutputs: number;
  readonly pps: boolean;
  readonly crossTimestamping: boolean;
}

/** How far a PTP clock is from the system clock. */
export interface PtpOffset {
  /** Positive when the PTP clock is ahead of CLOCK_REALTIME. A clock that keeps TAI is 37 s ahead since 2017. */
  readonly offsetSeconds: number;
  /** Half the time that the reading took; 0 for a simultaneous one. */
  readonly errorBoundSeconds: number;
  readonly method: 'precise' | 'extended' | 'basic';
}
