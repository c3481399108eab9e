/**
 * What systemd-timesyncd says of itself. An offset is positive when the system clock is **ahead**.
 * @see org.freedesktop.timesync1(5)
 */
export interface TimesyncdAnswer {
  /** Whether it has set the clock by a server since it was started. */
  readonly synchronised: boolean;
  /** Comes from the network: not to be trusted. Empty for none. */
  readonly serverName: string;
  readonly serverAddress: string;
  readonly pollIntervalSeconds: number | null;
  /** Of the last packet; null where there was none. */
  readonly lastPacket: {
    readonly stratum: number;
    /** 0 none, 1 insert, 2 delete a second, 3 not synchronised. */
    readonly leap: number;
    /** As it was measured, before timesyncd began to correct it. */
    readonly offsetSeconds: number;
    readonly rootDelaySeconds: number;
    readonly rootDispersionSeconds: number;
    /** Of the way to the server and back. */
    readonly delaySeconds: number;
    readonly jitterSeconds: number;
    readonly packetCount: number;
    /** When the question was put. */
    readonly ageSeconds: number;
  } | null;
}

/**
 * What ntpd or ntpsec says of itself (`ntpq -n -c rv -c peers`), in seconds. An offset is positive when the system
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
  /** With the offset in it, and 15 ppm of the time since the last update: see RFC 5905, section 11.2.3. */
  readonly rootDispersionSeconds: number;
  readonly jitterSeconds: number;
  /** Since ntpd last set its clock by a peer; null for never. */
  readonly lastUpdateAgeSeconds: number | null;
  readonly peers: readonly NtpPeer[];
}

/** A line of `ntpq -n -c peers`. */
export interface NtpPeer {
  /** Cut to fifteen characters. Comes from the network: not to be trusted. */
  readonly name: string;
  /** By its tally code: `*` and `o`, `+` and `#`, `-` and `.`, `x`, and the rest. */
  readonly state: 'selected' | 'combined' | 'not-combined' | 'falseticker' | 'unusable';
  readonly stratum: number;
  /** The last eight polls, newest in the lowest bit. */
  readonly reach: number;
  readonly offsetSeconds: number;
}

/**
 * What linuxptp says: the port's clock as `pmc` tells it, and what steers the system clock. ptp4l is only asked where
 * a part of linuxptp steers the system clock.
 * @see pmc(8), phc2sys(8)
 */
export interface LinuxptpAnswer {
  /** `portState` of each port of ptp4l: `SLAVE`, `MASTER`, `LISTENING`, …; null where ptp4l was not asked. */
  readonly portStates: readonly string[] | null;
  /** `gmPresent`; null where ptp4l was not asked. */
  readonly grandmasterPresent: boolean | null;
  /** `master_offset`: the PTP clock's, positive when it is ahead of its master; null where ptp4l was not asked. */
  readonly masterOffsetSeconds: number | null;
  /** The process that brings CLOCK_REALTIME in line with a PTP clock, with its arguments; null where none does. */
  readonly systemClockBy: string | null;
  /** The device or interface that it takes for right, as it is named on its command line; null where it finds that itself. */
  readonly systemClockFrom: string | null;
}
