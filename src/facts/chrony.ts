/**
 * `chronyc tracking`, in this tool's sign convention: an offset is positive when the clock in question is
 * **ahead** of true time, a frequency is positive when it runs **fast**. All times are seconds.
 * @see chronyc(1), section TRACKING
 */
export interface ChronyTracking {
  /** The reference as eight hexadecimal digits: `00000000` never synchronised, `7F7F0101` local stratum. */
  readonly referenceId: string;
  /** Address, refclock name or empty. Comes from the network: not to be trusted. */
  readonly referenceName: string;
  /** 0 when not synchronised, otherwise 1 to 15. */
  readonly stratum: number;
  /** When the last measurement was processed, in seconds since 1970; 0 for never. */
  readonly referenceTimeSeconds: number;
  /** The error of the system clock that chronyd has yet to correct. */
  readonly systemOffsetSeconds: number;
  readonly lastOffsetSeconds: number;
  readonly rmsOffsetSeconds: number;
  readonly frequencyPpm: number;
  readonly residualFrequencyPpm: number;
  /** The estimated error bound on the frequency. */
  readonly skewPpm: number;
  readonly rootDelaySeconds: number;
  readonly rootDispersionSeconds: number;
  readonly updateIntervalSeconds: number;
  readonly leapStatus: 'normal' | 'insert-second' | 'delete-second' | 'not-synchronised';
}

/**
 * One line of `chronyc sources`.
 * @see chronyc(1), section SOURCES
 */
export interface ChronySource {
  readonly mode: 'server' | 'peer' | 'refclock';
  /** `*` selected, `+` combined, `-` not combined, `x` falseticker, `~` too variable, `?` unusable. */
  readonly state: 'selected' | 'combined' | 'not-combined' | 'falseticker' | 'too-variable' | 'unusable';
  /** Address or refclock name. Comes from the network: not to be trusted. */
  readonly name: string;
  readonly stratum: number;
  /** The polling interval as a power of two of seconds; may be negative. */
  readonly pollLog2Seconds: number;
  /** The last eight polls, newest in the lowest bit: 255 when all were answered, 0 when none was. */
  readonly reach: number;
  /** Age of the last good sample, or null when there never was one. */
  readonly lastSampleAgeSeconds: number | null;
  readonly offsetSeconds: number;
  readonly errorBoundSeconds: number;
}

/**
 * One line of `chronyc sourcestats`. An offset is positive when the system clock is **ahead** of the source.
 * @see chronyc(1), section SOURCESTATS
 */
export interface ChronySourceStatistics {
  /** Comes from the network: not to be trusted. */
  readonly name: string;
  readonly samples: number;
  /** Runs of residuals with the same sign. */
  readonly runs: number;
  readonly spanSeconds: number;
  readonly frequencyPpm: number;
  readonly skewPpm: number;
  readonly offsetSeconds: number;
  readonly standardDeviationSeconds: number;
}

/**
 * `chronyc activity`: how many servers and peers there are; reference clocks do not count.
 * @see chronyc(1), section SOURCES
 */
export interface ChronyActivity {
  readonly online: number;
  readonly offline: number;
  readonly burstOnline: number;
  readonly burstOffline: number;
  /** Those without an address: names that do not resolve, and places of a pool that are not filled. */
  readonly unresolved: number;
}

/** What chronyd said, or that there is no daemon to say anything. */
export type ChronyAnswer =
  | {
      readonly daemon: 'answers';
      readonly tracking: ChronyTracking;
      readonly sources: readonly ChronySource[];
      readonly sourceStatistics: readonly ChronySourceStatistics[];
      /** null where this chronyc or a saved file does not tell. */
      readonly activity: ChronyActivity | null;
      /** False for a chronyd that only looks at the clock (`-x`, or no right to set it); null where that cannot be seen. */
      readonly steersClock: boolean | null;
      /** The host's clock when the answer came, in seconds since 1970. */
      readonly readAtSeconds: number;
    }
  | { readonly daemon: 'absent' /** What showed it. */; readonly evidence: string };

/**
 * The bound on the clock's error that chrony's manual gives: |system time| + root dispersion + root delay / 2.
 * @returns seconds, never negative
 * @see chronyc(1), TRACKING, "Root dispersion"
 */
export function rootDistanceSeconds(tracking: ChronyTracking): number {
  return (
    Math.abs(tracking.systemOffsetSeconds) + tracking.rootDispersionSeconds + tracking.rootDelaySeconds / 2
  );
}

/** chronyd's default for `maxclockerror`, which none of its reports tell: see chrony.conf(5). */
const MAX_CLOCK_ERROR_PPM = 1;

/**
 * How fast that bound grows while no measurement comes in: chronyd widens the root dispersion by its estimates of how
 * wrong the frequency may be, and by `maxclockerror`, which is taken for its default.
 * @returns seconds an hour, above zero
 * @see `get_root_dispersion` in chrony's reference.c
 */
export function rootDistanceGrowthSecondsPerHour(tracking: ChronyTracking): number {
  const ppm = tracking.skewPpm + Math.abs(tracking.residualFrequencyPpm) + MAX_CLOCK_ERROR_PPM;
  return (ppm / 1e6) * 3600;
}
