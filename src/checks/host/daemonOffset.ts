import type { Thresholds } from '../../policy/thresholds.js';
import type { Verdict } from '../check.js';
import { milliseconds } from './milliseconds.js';

type Judgement = Omit<Verdict, 'observed'>;

/** What a time daemon's own words say of how far the clock may be from true time. */
export interface ClockError {
  /** Positive when the system clock is ahead. */
  readonly offsetSeconds: number;
  /** The bound on the error. */
  readonly rootDistanceSeconds: number;
  /** The part of it that only stands for time gone by since the last measurement. */
  readonly agingSeconds: number;
  readonly stratum: number;
}

/** What is beyond the limits, or null. A bound that only grew with time is no warning, but a failure in the end. */
export function beyondLimits(error: ClockError, limits: Thresholds): Judgement | null {
  const offset = Math.abs(error.offsetSeconds);
  const atMost = (seconds: number) => `at most ${milliseconds(seconds)} off`;
  const near = (seconds: number) => `a root distance of at most ${milliseconds(seconds)}`;
  if (offset > limits.hostOffsetFailSeconds)
    return { outcome: 'fail', code: 'offset', expected: atMost(limits.hostOffsetFailSeconds) };
  if (error.rootDistanceSeconds > limits.hostRootDistanceFailSeconds) {
    return { outcome: 'fail', code: 'root-distance', expected: near(limits.hostRootDistanceFailSeconds) };
  }
  if (offset > limits.hostOffsetWarnSeconds)
    return { outcome: 'warn', code: 'offset', expected: atMost(limits.hostOffsetWarnSeconds) };
  if (error.rootDistanceSeconds - error.agingSeconds > limits.hostRootDistanceWarnSeconds) {
    return { outcome: 'warn', code: 'root-distance', expected: near(limits.hostRootDistanceWarnSeconds) };
  }
  if (error.stratum >= limits.hostStratumWarn) {
    return { outcome: 'warn', code: 'stratum-high', expected: `a stratum below ${limits.hostStratumWarn}` };
  }
  return null;
}

/** As `0.120 ms behind`. */
export function aheadOrBehind(offsetSeconds: number): string {
  return `${milliseconds(Math.abs(offsetSeconds))} ${offsetSeconds < 0 ? 'behind' : 'ahead'}`;
}
