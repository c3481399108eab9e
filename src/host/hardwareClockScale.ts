import { join } from 'node:path';
import { readBounded } from './boundedFile.js';
import { readTimeZone } from './timeZone.js';

/** Which time a hardware clock keeps. */
export interface HardwareClockScale {
  readonly keeps: 'utc' | 'local';
  readonly decidedBy: string;
  /** How far the kept time is ahead of UTC now. */
  readonly aheadOfUtcSeconds: number;
}

const PATH = '/etc/adjtime';

/** How near to a time zone's offset a clock that nobody speaks for is taken to keep that zone's time. */
const FITS_SECONDS = 60;

/**
 * Tells whether the hardware clock is kept in UTC or in local time: by the third line of `/etc/adjtime`, and where that
 * says nothing by what fits, with UTC as hwclock's and systemd's default.
 * @param root - the directory that stands for `/`
 * @param offsetSeconds - how far the clock is ahead of the system's, taken for UTC
 * @param nowSeconds - since 1970
 * @returns null where it keeps local time of a zone that has no name
 * @see hwclock(8) and adjtime_config(5), "The third line"
 */
export function hardwareClockScale(
  root: string,
  offsetSeconds: number,
  nowSeconds: number,
): HardwareClockScale | null {
  const said = thirdLine(root);
  if (said === 'UTC') return { keeps: 'utc', decidedBy: PATH, aheadOfUtcSeconds: 0 };
  const utc = {
    keeps: 'utc',
    decidedBy: `the default, since ${PATH} does not tell`,
    aheadOfUtcSeconds: 0,
  } as const;
  // Most clocks keep UTC, and need no zone to be looked at.
  if (said !== 'LOCAL' && Math.abs(offsetSeconds) <= FITS_SECONDS) return utc;
  const zone = readTimeZone(root);
  const ahead = zone.known ? zoneOffsetSeconds(zone.value.name, nowSeconds) : null;
  if (said === 'LOCAL')
    return ahead === null ? null : { keeps: 'local', decidedBy: PATH, aheadOfUtcSeconds: ahead };
  if (ahead !== null && Math.abs(offsetSeconds - ahead) <= FITS_SECONDS) {
    const decidedBy = `what fits, since ${PATH} does not tell`;
    return { keeps: 'local', decidedBy, aheadOfUtcSeconds: ahead };
  }
  return utc;
}

function thirdLine(root: string): string | null {
  try {
    return readBounded(join(root, PATH), 4096).split('\n')[2]?.trim() ?? null;
  } catch {
    return null;
  }
}

/** How far a zone's local time is ahead of UTC; null for a name that is not known. */
function zoneOffsetSeconds(timeZone: string, nowSeconds: number): number | null {
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
    const parts = format.formatToParts(nowSeconds * 1000);
    const text = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
    const [whole, sign, hours, minutes, seconds] =
      /^GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(text) ?? [];
    if (whole === undefined) return null;
    const size = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
    return sign === '-' ? -size : size;
  } catch {
    return null;
  }
}
