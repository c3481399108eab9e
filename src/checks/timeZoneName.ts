import { canonicalZone } from '../facts/canonicalZone.js';
import type { Fact } from '../facts/fact.js';
import { isPosixZone } from '../facts/posixZone.js';
import { isUtcZone } from '../facts/utcZones.js';

/** Whether each time zone that a domain names exists on the host. */
export type Zoneinfo = Fact<Readonly<Record<string, boolean>>>;

/**
 * What the C library makes of a TZ value: `utc`; the `host` zone; some other `zone`; or `invalid`, a name that it
 * does not know and takes for UTC, without a word.
 * @param zoneinfo - what the host has; without it the IANA names that this program knows decide
 * @see tzset(3)
 */
export function zoneKind(tz: string, zoneinfo: Zoneinfo): 'utc' | 'host' | 'zone' | 'invalid' {
  const name = tz
    .replace(/^:/, '')
    .replace(/^\/usr\/share\/zoneinfo\//, '')
    .replace(/^(posix|right)\//, '');
  if (name === '' || name === 'Factory' || isUtcZone(name)) return 'utc';
  if (name === '/etc/localtime' || name === 'localtime') return 'host';
  if (isPosixZone(name)) return 'zone';
  const onHost = zoneinfo.known ? zoneinfo.value[tz] : undefined;
  if (onHost !== undefined) return onHost ? 'zone' : 'invalid';
  // What is in some other file cannot be told from here.
  if (name.startsWith('/')) return 'zone';
  // Intl takes offsets and any case as well; the C library opens a file of exactly that name.
  if (!name.split('/').every((part) => /^[A-Z]/.test(part))) return 'invalid';
  const canonical = canonicalZone(name);
  const wrongCase = canonical !== name && canonical?.toLowerCase() === name.toLowerCase();
  return canonical === null || wrongCase ? 'invalid' : 'zone';
}
