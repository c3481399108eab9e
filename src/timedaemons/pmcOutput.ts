import { Garbled } from './explain.js';

/** What one ptp4l told. */
export interface PtpStatus {
  readonly portStates: readonly string[];
  readonly grandmasterPresent: boolean;
  /** Positive when the PTP clock is ahead of its master. */
  readonly masterOffsetSeconds: number;
}

/**
 * Parses what `pmc` prints for `GET PORT_DATA_SET` and `GET TIME_STATUS_NP`. ptp4l's offset is its own clock's minus
 * the master's, in nanoseconds, which is this tool's sign.
 * @returns null when ptp4l said nothing: pmc ends with 0 even then
 * @throws Garbled
 * @see pmc.c in linuxptp
 */
export function parsePmc(output: string): PtpStatus | null {
  if (!/\bRESPONSE MANAGEMENT\b/.test(output)) return null;
  const portStates = [...output.matchAll(/^[ \t]*portState[ \t]+([A-Z_]{1,20})[ \t\r]*$/gm)].map(
    ([, state = '']) => state,
  );
  const [, offset] = /^[ \t]*master_offset[ \t]+(-?\d{1,20})[ \t\r]*$/m.exec(output) ?? [];
  const [, present] = /^[ \t]*gmPresent[ \t]+(true|false)[ \t\r]*$/m.exec(output) ?? [];
  if (portStates.length === 0) throw new Garbled('there is no state of a port');
  if (offset === undefined || present === undefined) throw new Garbled('there is no TIME_STATUS_NP');
  return {
    portStates,
    grandmasterPresent: present === 'true',
    masterOffsetSeconds: Number(offset) / 1e9,
  };
}
