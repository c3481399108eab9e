import { DEFAULT_THRESHOLDS, type Thresholds } from './thresholds.js';

/** The name of a limit, as it is written in the configuration file. */
export type ThresholdName = keyof Thresholds;

/** What a limit means, which values it can have, and why its default is what it is. */
export interface ThresholdDescription {
  readonly meaning: string;
  /** The largest sensible value; every limit is above zero. */
  readonly maximum?: number;
  readonly integer?: true;
  /** The limit that must not be below this one. */
  readonly upTo?: keyof Thresholds;
  readonly because: string;
  /** The page that the default rests on. */
  readonly source: string;
}

const NODE_EXPORTER =
  'https://github.com/prometheus/node_exporter/blob/master/docs/node-mixin/alerts/alerts.libsonnet';
const CHRONY_CONF = 'https://chrony-project.org/doc/4.3/chrony.conf.html';
const CHRONYC_TRACKING = 'https://chrony-project.org/doc/4.3/chronyc.html#tracking';
const RFC_8633 = 'https://www.rfc-editor.org/rfc/rfc8633#section-3.2';
const X86_TIME = 'https://docs.kernel.org/virt/kvm/x86/timekeeping.html';
const HWCLOCK = 'https://man7.org/linux/man-pages/man8/hwclock.8.html';
const LIBVIRT_TIME = 'https://libvirt.org/formatdomain.html#time-keeping';

/** Every limit; the type makes a limit without a description an error. */
export const THRESHOLD_DESCRIPTIONS: Readonly<Record<ThresholdName, ThresholdDescription>> = {
  hostOffsetWarnSeconds: {
    meaning: "how far the host's clock may be from true time without a word",
    upTo: 'hostOffsetFailSeconds',
    because: 'a tenth of the limit, so that there is time to act; NTP on a local network stays far below',
    source: NODE_EXPORTER,
  },
  hostOffsetFailSeconds: {
    meaning: "how far the host's clock may be from true time at all",
    because: 'the alert NodeClockSkewDetected of the node_exporter mixin fires at 50 ms',
    source: NODE_EXPORTER,
  },
  hostRootDistanceWarnSeconds: {
    meaning: 'how far it may be at worst (|system time| + root dispersion + root delay / 2) without a word',
    upTo: 'hostRootDistanceFailSeconds',
    because: "a tenth of the limit; chronyd's own bound on its error",
    source: CHRONYC_TRACKING,
  },
  hostRootDistanceFailSeconds: {
    meaning: 'how far it may be at worst at all',
    because: 'twice the limit of the offset, since it is a bound and not an estimate',
    source: CHRONYC_TRACKING,
  },
  hostFrequencyWarnPpm: {
    meaning: "how fast or slow the host's clock may run by itself without a word",
    because:
      'quartz is specified to 50 ppm as a rule, so that more hints at a TSC frequency that the kernel got wrong; a kvm-clock that nobody corrects drifts as fast, which is 8.6 s a day',
    source: X86_TIME,
  },
  hostHardwareClockWarnSeconds: {
    meaning: "how far the host's hardware clock may be from its system clock without a word",
    because: 'it resolves one second, and is a second or two off where the kernel keeps it right',
    source: HWCLOCK,
  },
  hostStratumWarn: {
    meaning: 'the stratum from which on a chain of servers is suspected of having lost its head',
    maximum: 15,
    integer: true,
    because: "10 is the stratum of chronyd's local directive: a server without any reference",
    source: CHRONY_CONF,
  },
  hostSourcesWarn: {
    meaning: 'how many usable sources chronyd has to have; fewer cannot outvote a wrong one',
    maximum: 64,
    integer: true,
    upTo: 'hostSourcesAdvised',
    because: 'with two that differ nobody can tell which is right; three outvote one',
    source: RFC_8633,
  },
  hostSourcesAdvised: {
    meaning: 'how many usable sources chronyd had better have, so that one may fail',
    maximum: 64,
    integer: true,
    because: 'four are the advice of RFC 8633, section 3.2: three are left when one is lost',
    source: RFC_8633,
  },
  holdoverSeconds: {
    meaning: 'how long without a measurement counts as holdover, at least',
    because: 'the longest default polling interval of chronyd (maxpoll 10) is 1024 s',
    source: CHRONY_CONF,
  },
  holdoverPolls: {
    meaning: 'how many polling intervals without a measurement count as holdover, at least',
    because: 'one or two lost answers are nothing unusual on a network',
    source: CHRONY_CONF,
  },
  rtcAdjustmentSeconds: {
    meaning: "how far a UTC guest's RTC may be adjusted before it is worth a word",
    upTo: 'rtcAdjustmentFailSeconds',
    because: 'an RTC resolves one second, and what a guest writes into it leaves one or two',
    source: LIBVIRT_TIME,
  },
  rtcAdjustmentFailSeconds: {
    meaning: 'how far a guest may have moved its RTC away from its definition at all',
    because: 'a minute is more than drift and rounding: the guest sets its RTC to another time',
    source: LIBVIRT_TIME,
  },
};

/** The names of all limits, in the order of the documentation. */
export const THRESHOLD_NAMES = Object.keys(DEFAULT_THRESHOLDS) as readonly ThresholdName[];

/** True for the name of a limit. */
export function isThresholdName(name: string): name is ThresholdName {
  return Object.hasOwn(DEFAULT_THRESHOLDS, name);
}

/** What is wrong with a value for a limit, or null. */
export function thresholdMistake(name: ThresholdName, value: number): string | null {
  // A limit that was just added may not have its description yet at run time; the type check finds that.
  const { maximum = Number.POSITIVE_INFINITY, integer } = THRESHOLD_DESCRIPTIONS[name];
  if (!Number.isFinite(value) || value <= 0) return `${name} has to be a number above 0`;
  if (integer && !Number.isInteger(value)) return `${name} has to be a whole number`;
  return value > maximum ? `${name} has to be ${maximum} at most` : null;
}
