import { given, type HostCheck, type Verdict } from '../check.js';
import { hasZoneName, sameZone, usesHostZone } from '../hostZone.js';
import { TIME_KEEPING } from '../references.js';
import { guestNames } from './guestNames.js';

export const timeZone: HostCheck = {
  id: 'host/time-zone',
  scope: 'host',
  title: 'No guest depends on a time zone that differs between hosts',
  failureTitle: "Guests depend on this host's time zone, which is not the fleet's",
  rationale:
    "offset='localtime' means the local time of the host that starts the guest, and no zone is written down anywhere. On a host in another zone the same definition gives the guest another RTC: a Windows guest then starts hours off until NTP corrects it. Only a host's own zone can be seen from here, so what the others should be in has to be said (fleetTimeZone).",
  outcomes: {
    pass: "No guest uses the host's local time, or the host is in the fleet's zone.",
    info: "Guests use the host's local time, and no fleetTimeZone says whether every host agrees, or the host's zone has no name to compare.",
    warn: "Guests use the host's local time, and the host's zone is not fleetTimeZone.",
    unknown: '/etc/localtime could not be read.',
  },
  fix: "Set the same zone on every host ('timedatectl set-timezone'), and name it as fleetTimeZone. To make a guest independent of its host, give its definition the zone itself: <clock offset='timezone' timezone='Europe/Berlin'/>.",
  references: [
    TIME_KEEPING,
    {
      title: 'localtime(5)',
      url: 'https://www.freedesktop.org/software/systemd/man/latest/localtime.html',
    },
  ],
  needs: ['timeZone'],
  evaluate(host, { fleetTimeZone }, guests): Verdict {
    const { name } = given(host.timeZone);
    const dependent = guests.filter(usesHostZone);
    if (dependent.length === 0) {
      const observed = `the host is in ${name}, and no guest uses its local time`;
      return { outcome: 'pass', code: 'not-used', observed };
    }
    const use = dependent.length === 1 ? 'uses' : 'use';
    const observed = `the host is in ${name}, and ${guestNames(dependent)} ${use} its local time`;
    if (fleetTimeZone === null) {
      const detail = "a start on a host with another zone moves the guest's RTC; no fleetTimeZone is set";
      return { outcome: 'info', code: 'fleet-zone-unset', observed, detail };
    }
    if (sameZone(name, fleetTimeZone)) return { outcome: 'pass', code: 'fleet-zone', observed };
    // A copied /etc/localtime holds only the rule for times to come, which many zones may share.
    if (!hasZoneName(name)) {
      const detail = `/etc/localtime is a copy and names no zone to compare with fleetTimeZone ${fleetTimeZone}; make it a link ('timedatectl set-timezone')`;
      return { outcome: 'info', code: 'zone-unnamed', observed, detail };
    }
    return {
      outcome: 'warn',
      code: 'other-zone',
      observed,
      expected: `${fleetTimeZone}, the fleetTimeZone`,
      detail: "a start here sets the guest's RTC to another time than on the rest of the fleet",
    };
  },
};
