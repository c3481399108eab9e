import type {
  ChronyActivity,
  ChronyAnswer,
  ChronySource,
  ChronySourceStatistics,
  ChronyTracking,
} from './chrony.js';
import { type MemberShapes, word } from './factShape.js';
import type { Shape } from './shape.js';

type Answer = Extract<ChronyAnswer, { daemon: 'answers' }>;

const TRACKING: Shape = {
  referenceId: 'string',
  referenceName: 'string',
  stratum: 'number',
  referenceTimeSeconds: 'number',
  systemOffsetSeconds: 'number',
  lastOffsetSeconds: 'number',
  rmsOffsetSeconds: 'number',
  frequencyPpm: 'number',
  residualFrequencyPpm: 'number',
  skewPpm: 'number',
  rootDelaySeconds: 'number',
  rootDispersionSeconds: 'number',
  updateIntervalSeconds: 'number',
  leapStatus: word('normal', 'insert-second', 'delete-second', 'not-synchronised'),
} satisfies MemberShapes<ChronyTracking>;

const SOURCE: Shape = {
  mode: word('server', 'peer', 'refclock'),
  state: word('selected', 'combined', 'not-combined', 'falseticker', 'too-variable', 'unusable'),
  name: 'string',
  stratum: 'number',
  pollLog2Seconds: 'number',
  reach: 'number',
  lastSampleAgeSeconds: { $nullable: 'number' },
  offsetSeconds: 'number',
  errorBoundSeconds: 'number',
} satisfies MemberShapes<ChronySource>;

const STATISTICS: Shape = {
  name: 'string',
  samples: 'number',
  runs: 'number',
  spanSeconds: 'number',
  frequencyPpm: 'number',
  skewPpm: 'number',
  offsetSeconds: 'number',
  standardDeviationSeconds: 'number',
} satisfies MemberShapes<ChronySourceStatistics>;

const ACTIVITY: Shape = {
  online: 'number',
  offline: 'number',
  burstOnline: 'number',
  burstOffline: 'number',
  unresolved: 'number',
} satisfies MemberShapes<ChronyActivity>;

/** What chronyd said, as it is saved. */
export const CHRONY: Shape = {
  $oneOf: [
    { daemon: { $is: 'absent' }, evidence: 'string' },
    {
      daemon: { $is: 'answers' },
      tracking: TRACKING,
      sources: [SOURCE],
      sourceStatistics: [STATISTICS],
      activity: { $nullable: ACTIVITY },
      steersClock: { $nullable: 'boolean' },
      readAtSeconds: 'number',
    } satisfies MemberShapes<Answer>,
  ],
};
