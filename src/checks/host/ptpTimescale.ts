import type { HostFacts } from '../../facts/host.js';
import type { PtpClock } from '../../facts/ptpClock.js';

/** TAI - UTC since 2017-01-01, where nobody has told the kernel. */
const TAI_OFFSET_SECONDS = 37;

/** What a PTP clock may keep without being wrong. */
export interface PtpTimescales {
  /** Which one a clock keeps, as far as its offset tells; null for none of them. */
  of(clock: PtpClock): string | null;
}

/**
 * The timescales that PTP clocks on this host keep: UTC, TAI, and what phc2sys was told (-O, the offset of the
 * clock that it steers from the one that it follows).
 * @param limitSeconds - how far from one counts as keeping it
 * @see phc2sys(8), -O; adjtimex(2), tai
 */
export function ptpTimescales({ kernelClock, linuxptp }: HostFacts, limitSeconds: number): PtpTimescales {
  const told = kernelClock.known ? kernelClock.value.taiOffsetSeconds : 0;
  const scales: [string, number][] = [
    ['UTC', 0],
    ['TAI', told || TAI_OFFSET_SECONDS],
  ];
  const steeredBy = linuxptp.known ? linuxptp.value?.systemClockBy : null;
  const [, steered] = /\s-O\s*(-?\d{1,9})\b/.exec(steeredBy ?? '') ?? [];
  if (steered !== undefined) scales.push(['-O of phc2sys', -Number(steered)]);
  return {
    of({ offset }) {
      if (!offset) return null;
      const limit = limitSeconds + offset.errorBoundSeconds;
      return scales.find(([, ahead]) => Math.abs(offset.offsetSeconds - ahead) <= limit)?.[0] ?? null;
    },
  };
}

/** In words, such as `/dev/ptp0 (igb, eth0) 37.000001 s ahead, which is TAI, used by phc2sys`. */
export function describePtpClock(clock: PtpClock, timescales: PtpTimescales): string {
  const { device, clockName, driver, interfaces, offset, offsetMissing, users } = clock;
  const scale = timescales.of(clock);
  const what = [driver ?? (clockName || 'no name'), ...interfaces].join(', ');
  const far = offset
    ? `${distance(offset.offsetSeconds)}${scale === null || scale === 'UTC' ? '' : `, which is ${scale}`}`
    : `not measured: ${offsetMissing}`;
  return `${device} (${what}) ${far}${users?.length ? `, used by ${users.join(' and ')}` : ''}`;
}

/** Clocks are from nanoseconds to decades apart. */
function distance(seconds: number): string {
  const size = Math.abs(seconds);
  const direction = seconds < 0 ? 'behind' : 'ahead';
  if (size >= 1) return `${size.toFixed(size >= 1000 ? 0 : 6)} s ${direction}`;
  if (size >= 1e-3) return `${(size * 1e3).toFixed(3)} ms ${direction}`;
  return `${(size * 1e6).toFixed(3)} us ${direction}`;
}
