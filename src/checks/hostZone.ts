import { canonicalZone } from '../facts/canonicalZone.js';
import type { DomainDefinition } from '../facts/definition.js';
import { isUtcZone } from '../facts/utcZones.js';

/** Whether the time zone of the host that starts the guest has a say in its RTC. */
export function usesHostZone({ effectiveClock: { rtc, tz } }: DomainDefinition): boolean {
  if (!rtc.present) return false;
  if (rtc.base === 'localtime') {
    const name = tz?.replace(/^:/, '');
    return name === undefined || name === '/etc/localtime' || name === 'localtime';
  }
  return rtc.variableBasis === 'localtime';
}

/** Whether two names mean one zone: old and new ones (Asia/Calcutta, Asia/Kolkata), and all names of UTC. */
export function sameZone(one: string, other: string): boolean {
  return canonical(one) === canonical(other);
}

function canonical(zone: string): string {
  return isUtcZone(zone) ? 'UTC' : (canonicalZone(zone) ?? zone);
}

/** Whether it is a name, and not the rule in a copied /etc/localtime, which many zones may share. */
export function hasZoneName(zone: string): boolean {
  return isUtcZone(zone) || /^[A-Z][A-Za-z_]*(\/[\w+-]+)*$/.test(zone);
}
