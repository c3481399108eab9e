/** The limits that a verdict depends on. Units are in the names. */
export interface Thresholds {
  /** How far the host's clock may be from true time. */
  readonly hostOffsetWarnSeconds: number;
  readonly hostOffsetFailSeconds: number;
  /** How far it may be from true time at worst: |system time| + root dispersion + root delay / 2. */
  readonly hostRootDistanceWarnSeconds: number;
  readonly hostRootDistanceFailSeconds: number;
  /** How fast or slow the host's clock may run by itself before it is worth a warning. */
  readonly hostFrequencyWarnPpm: number;
  /** How far the host's hardware clock may be from its system clock. */
  readonly hostHardwareClockWarnSeconds: number;
  /** A stratum this high hints at a chain of servers that lost its head. */
  readonly hostStratumWarn: number;
  /** Fewer usable sources than these are worth a warning, and a word. */
  readonly hostSourcesWarn: number;
  readonly hostSourcesAdvised: number;
  /** How long without a measurement counts as holdover, at least; and how many polling intervals. */
  readonly holdoverSeconds: number;
  readonly holdoverPolls: number;
  /** How far a UTC guest's RTC may be adjusted before that is worth a word. */
  readonly rtcAdjustmentSeconds: number;
  /** How far a guest may have moved its RTC away from its definition before that is a failure. */
  readonly rtcAdjustmentFailSeconds: number;
}

/**
 * The defaults. 50 ms is the alert of the node_exporter mixin and the limit of Ceph's monitors; the stricter
 * 5 and 10 ms give notice before that. 1024 s is chronyd's longest default polling interval.
 */
export const DEFAULT_THRESHOLDS: Thresholds = {
  hostOffsetWarnSeconds: 0.005,
  hostOffsetFailSeconds: 0.05,
  hostRootDistanceWarnSeconds: 0.01,
  hostRootDistanceFailSeconds: 0.1,
  hostFrequencyWarnPpm: 100,
  hostHardwareClockWarnSeconds: 3,
  hostStratumWarn: 10,
  hostSourcesWarn: 3,
  hostSourcesAdvised: 4,
  holdoverSeconds: 1024,
  holdoverPolls: 3,
  rtcAdjustmentSeconds: 2,
  rtcAdjustmentFailSeconds: 60,
};
