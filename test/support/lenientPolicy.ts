import { DEFAULT_THRESHOLDS } from '../../src/policy/thresholds.js';

/**
 * Limits for real daemons with real servers on a machine that runs other tests at the same time: an answer that comes
 * late by some milliseconds, because a process waited for the CPU, looks like an offset.
 */
export const LENIENT = {
  thresholds: {
    ...DEFAULT_THRESHOLDS,
    hostOffsetWarnSeconds: 0.04,
    hostOffsetFailSeconds: 0.06,
    hostRootDistanceWarnSeconds: 0.1,
    hostRootDistanceFailSeconds: 0.2,
  },
};
