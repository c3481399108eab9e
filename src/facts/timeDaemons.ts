/**
 * What systemd-timesyncd says of itself. An offset is positive when the system clock is **ahead**.
 * @see timedatectl(1), show and show-timesync
 */
export interface TimesyncdAnswer {
  /** `NTPSynchronized`: the kernel's maxerror is below 16 s. */
  readonly synchronised: boolean;
  /** Comes from the network: not to be trusted. Empty for none. */
  readonly serverName: string;
  readonly serverAddress: string;
  readonly pollIntervalSeconds: number | null;
  /** Of the last packet; null where there was none. */
  readonly lastPacket: {
    readonly stratum: number;
    readonly leap: number;
    readonly offsetSeconds: number;
    readonly rootDelaySeconds: number;
    readonly rootDispersionSeconds: number;
    readonly jitterSeconds: number;
    readonly packetCount: number;
  } | null;
}

/**
 * What ntpd or ntpsec says of itself (`ntpq -c rv`, `ntpq -pn`), in seconds. An offset is positive when the system
 * clock is **ahead**.
 * @see ntpq(8)
 */
export interface NtpAnswer {
  /** 16 means not synchronised. */
  readonly stratum: number;
  readonly leap: 'none' | 'insert-second' | 'delete-second' | 'not-synchronised';
  /** Comes from the network: not to be trusted. */
  readonly referenceId: string;
  readonly offsetSeconds: number;
  readonly rootDelaySeconds: number;
  readonly rootDispersionSeconds: number;
  readonly jitterSeconds: number;
  readonly peers: readonly NtpPeer[];
}

/** A line of `ntpq -pn`. */
export interface NtpPeer {
  /** Comes from the network: not to be trusted. */
  readonly name: string;
  /** By its tally code: `*` and `o`, `+` and `#`, `-` and `.`, `x`, and the rest. */
  readonly state: 'selected' | 'combined' | 'not-combined' | 'falseticker' | 'unusable';
  readonly stratum: number;
  /** The last eight polls, newest in the lowest bit. */
  readonly reach: number;
  readonly offsetSeconds: number;
}

/**
 * What linuxptp says: the port's clock as `pmc` tells it, and what phc2sys steers.
 * @see pmc(8), phc2sys(8)
 */
export interface LinuxptpAnswer {
  /** `portState` of each port of ptp4l: `SLAVE`, `MASTER`, `LISTENING`, …; null where ptp4l does not answer or does not run. */
  readonly portStates: readonly string[] | null;
  /** `gmPresent`; null where ptp4l does not answer. */
  readonly grandmasterPresent: boolean | null;
  /** `master_offset`: the PTP clock's, positive when it is ahead of its master; null where ptp4l does not answer. */
  readonly masterOffsetSeconds: number | null;
  /** Whether a process that runs brings CLOCK_REALTIME in line with a PTP clock, and which, with its arguments. */
  readonly systemClockBy: string | null;
}
