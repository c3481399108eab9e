import { canonicalZone } from '../facts/canonicalZone.js';

/** What is wrong with the name of a time zone, or null for an IANA name such as `Europe/Berlin`. */
export function timeZoneMistake(zone: string): string | null {
  const known = /^[A-Za-z][\w+\-/]*$/.test(zone) ? canonicalZone(zone) : null;
  if (known === null)
    return `fleetTimeZone has to be a time zone such as UTC or Europe/Berlin, not '${zone}'`;
  // The names are compared with those of /etc/localtime, letter by letter.
  const otherCase = known !== zone && known.toLowerCase() === zone.toLowerCase();
  return otherCase ? `fleetTimeZone has to be written ${known}, not '${zone}'` : null;
}
