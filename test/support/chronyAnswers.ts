import type { ChronyAnswer, ChronySource, ChronyTracking } from '../../src/facts/chrony.js';
import type { KernelClock } from '../../src/facts/kernelClock.js';

/** The host's clock when the answers below came, in seconds since 1970. */
export const NOW = 1_800_000_000;

/** What a chronyd that answers says. */
export type Answers = Extract<ChronyAnswer, { daemon: 'answers' }>;

/** A host that is synchronised, fresh and within all limits. */
export const healthy: ChronyTracking = {
  referenceId: 'C0000201',
  referenceName: '192.0.2.1',
  stratum: 3,
  referenceTimeSeconds: NOW - 30,
  systemOffsetSeconds: 0.0001,
  lastOffsetSeconds: 0,
  rmsOffsetSeconds: 0,
  frequencyPpm: 0,
  residualFrequencyPpm: 0,
  skewPpm: 0.1,
  rootDelaySeconds: 0.002,
  rootDispersionSeconds: 0.0005,
  updateIntervalSeconds: 64,
  leapStatus: 'normal',
};

/** A source that answers every poll and is selected. */
export const answering: ChronySource = {
  mode: 'server',
  state: 'selected',
  name: '192.0.2.1',
  stratum: 2,
  pollLog2Seconds: 6,
  reach: 255,
  lastSampleAgeSeconds: 30,
  offsetSeconds: 0,
  errorBoundSeconds: 0.001,
};

/** The answer of a healthy chronyd that steers the clock, but for what is given. */
export function answerOf(
  tracking: Partial<ChronyTracking> = {},
  sources: readonly ChronySource[] = [answering],
  more: Partial<Omit<Answers, 'daemon' | 'tracking' | 'sources'>> = {},
): Answers {
  return {
    daemon: 'answers',
    tracking: { ...healthy, ...tracking },
    sources,
    sourceStatistics: [],
    activity: null,
    steersClock: true,
    readAtSeconds: NOW,
    ...more,
  };
}

/** The kernel's view of a clock with that bound on its error; 16 where nobody corrects it. */
export function kernelBound(maxErrorSeconds: number): KernelClock {
  return {
    state: maxErrorSeconds < 16 ? 'ok' : 'error',
    status: maxErrorSeconds < 16 ? [] : ['unsync'],
    maxErrorSeconds,
    estimatedErrorSeconds: 0,
    remainingOffsetSeconds: 0,
    frequencyPpm: 0,
    taiOffsetSeconds: 0,
  };
}
