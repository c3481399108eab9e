import type { GuestOs } from '../facts/definition.js';

const RANK = { none: 0, weak: 1, medium: 2, strong: 3 } as const;

/** Whether the guest is known to be Windows, with at least that confidence. */
export function isWindows({ family, confidence }: GuestOs, atLeast: 'weak' | 'medium' | 'strong'): boolean {
  return family === 'windows' && RANK[confidence] >= RANK[atLeast];
}

/**
 * How the guest reads its RTC: Unix in UTC, Windows and DOS in local time. `either` where the host cannot
 * tell, or where both are usual; `presumed-utc` where nothing is known of the guest at all.
 */
export function rtcConvention(guestOs: GuestOs): 'utc' | 'local' | 'either' | 'presumed-utc' {
  const { family, confidence } = guestOs;
  if (family === 'unknown') return 'presumed-utc';
  if (confidence !== 'strong' || family === 'solaris' || family === 'other') return 'either';
  return family === 'windows' || family === 'dos' ? 'local' : 'utc';
}
