import { type DefinitionCheck, given, noRtc, qemuGuest } from '../check.js';
import { hasZoneName, sameZone, usesHostZone } from '../hostZone.js';
import { TIME_KEEPING } from '../references.js';

export const hostTimezone: DefinitionCheck = {
  id: 'domain/host-timezone',
  scope: 'domain',
  judges: 'definition',
  title: "The RTC does not depend on one host's time zone",
  failureTitle: "The RTC depends on this host's time zone",
  rationale:
    "offset='localtime' is the local time of the host that starts the guest. A guest that is started on a host in another zone finds its RTC hours off, and on hosts that keep UTC, as most do, it is UTC after all. Which zones the other hosts keep cannot be seen from here: the policy's fleetTimeZone says it.",
  outcomes: {
    pass: "The RTC does not use the host's zone, or the host keeps the zone of the fleet.",
    info: "The RTC uses the host's zone, and nobody said which zone the other hosts keep, or the host's own has no name to compare.",
    warn: 'The host keeps another zone than the fleet.',
    unknown: "The host's time zone could not be read.",
    'not-applicable':
      'The domain is not run by QEMU, its machine has no RTC, or it was audited without its host.',
  },
  fix: "Name the guest's zone: <clock offset='timezone' timezone='Europe/Paris'/>; or give all hosts one zone and tell it as fleetTimeZone.",
  references: [TIME_KEEPING],
  needs: (definition) => (usesHostZone(definition) ? ['timeZone'] : []),
  appliesTo(definition) {
    const guest = qemuGuest(definition);
    return guest === true && !definition.effectiveClock.rtc.present ? noRtc(definition) : guest;
  },
  evaluate(definition, host, { fleetTimeZone }) {
    const { rtc, tz, tzDecidedBy } = definition.effectiveClock;
    const { baseDecidedBy } = rtc;
    if (!usesHostZone(definition)) {
      const by =
        rtc.base === 'localtime' && tz !== null ? `TZ=${tz}, by ${tzDecidedBy}` : `by ${baseDecidedBy}`;
      return { outcome: 'pass', code: 'independent', observed: `independent of the host's zone: ${by}` };
    }
    const zone = given(host.timeZone).name;
    const observed = `the host's local time (${zone}), by ${baseDecidedBy}`;
    if (fleetTimeZone === null) return { outcome: 'info', code: 'fleet-unknown', observed };
    if (sameZone(fleetTimeZone, zone)) return { outcome: 'pass', code: 'as-the-fleet', observed };
    if (!hasZoneName(zone)) return { outcome: 'info', code: 'zone-unnamed', observed };
    const expected = `the fleet's time zone, ${fleetTimeZone}`;
    return { outcome: 'warn', code: 'differs-from-fleet', observed, expected };
  },
};
