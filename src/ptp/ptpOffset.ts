import type { PtpOffset } from '../facts/ptpClock.js';
import { SystemCallError, type SystemCalls } from '../kernel/systemCalls.js';
import {
  type ClockReading,
  PTP_BYTES,
  PTP_SYS_OFFSET,
  PTP_SYS_OFFSET_EXTENDED,
  PTP_SYS_OFFSET_PRECISE,
  readBasic,
  readExtended,
  readPrecise,
  seriesOf,
} from './ptpIoctl.js';

/** The kernel takes up to 25 (`PTP_MAX_SAMPLES`); a few are enough for one that nothing interrupted. */
const SAMPLES = 5;

type Ioctl = Pick<SystemCalls, 'ioctl'>;

/** From the best to the one that every driver has. */
const METHODS: readonly [PtpOffset['method'], (descriptor: number, calls: Ioctl) => ClockReading[]][] = [
  [
    'precise',
    (descriptor, calls) => {
      const structure = Buffer.alloc(PTP_BYTES.sysOffsetPrecise);
      return [readPrecise(ask(descriptor, calls, PTP_SYS_OFFSET_PRECISE, structure))];
    },
  ],
  [
    'extended',
    (descriptor, calls) => {
      const structure = seriesOf(SAMPLES, PTP_BYTES.sysOffsetExtended);
      return readExtended(ask(descriptor, calls, PTP_SYS_OFFSET_EXTENDED, structure), SAMPLES);
    },
  ],
  [
    'basic',
    (descriptor, calls) => {
      const structure = seriesOf(SAMPLES, PTP_BYTES.sysOffset);
      return readBasic(ask(descriptor, calls, PTP_SYS_OFFSET, structure), SAMPLES);
    },
  ],
];

/**
 * Measures how far a PTP clock is from CLOCK_REALTIME, in the best way that its driver has: both clocks in the same
 * instant (PTP_SYS_OFFSET_PRECISE), the system clock right around the device's register (EXTENDED), or around the
 * whole call of the driver. Of a series, the sample that took the least time counts.
 * @param descriptor - the opened device
 * @returns the offset, or why there is none, in one sentence without a full stop
 */
export function measurePtpOffset(descriptor: number, calls: Ioctl): PtpOffset | string {
  let why = '';
  for (const [method, read] of METHODS) {
    try {
      const offset = best(read(descriptor, calls).filter(isPlausible));
      if (offset) return { ...offset, method };
      why = 'its driver gives times that cannot be';
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error;
      // A driver without one of the better ways says so; what the last way says is what counts.
      why = `the kernel cannot read it (${error.code})`;
    }
  }
  return why;
}

function ask(descriptor: number, calls: Ioctl, request: number, structure: Buffer): Buffer {
  calls.ioctl(descriptor, request, structure);
  return structure;
}

/** Not so when the system clock was set back in the middle, or when a driver filled nothing in. */
function isPlausible({ before, after }: ClockReading): boolean {
  return before > 0n && after >= before;
}

function best(readings: readonly ClockReading[]): Omit<PtpOffset, 'method'> | null {
  const [first, ...others] = readings;
  if (!first) return null;
  const tookNanoseconds = ({ before, after }: ClockReading) => after - before;
  const quickest = others.reduce(
    (one, other) => (tookNanoseconds(other) < tookNanoseconds(one) ? other : one),
    first,
  );
  const { before, device, after } = quickest;
  return {
    // Twice the difference is exact; half of it may end in half a nanosecond.
    offsetSeconds: Number(2n * device - before - after) / 2e9,
    errorBoundSeconds: Number(after - before) / 2e9,
  };
}
