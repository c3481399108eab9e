import { given, type HostCheck, type Verdict } from '../check.js';

export const leapTable: HostCheck = {
  id: 'host/leap-table',
  scope: 'host',
  title: 'The table of leap seconds is up to date',
  failureTitle: 'The table of leap seconds has expired',
  rationale:
    'chronyd (leapseclist, leapsectz), ntpd (leapfile) and linuxptp (ts2phc) can take leap seconds and the offset of TAI from a table that tzdata brings. After its date of expiry the table does not know of leap seconds that were announced since: whoever relies on it alone misses them. A host that hears of them from NTP servers, as most do, does not need the table; and none has been announced since 2016.',
  outcomes: {
    pass: 'It has not expired.',
    info: 'It has expired.',
    unknown: 'It could not be read.',
    'not-applicable': 'The host has none.',
  },
  fix: 'Update the package tzdata.',
  references: [
    {
      title: 'IERS: leap-seconds.list',
      url: 'https://hpiers.obspm.fr/iers/bul/bulc/ntp/leap-seconds.list',
    },
    {
      title: 'chrony.conf(5), leapseclist',
      url: 'https://chrony-project.org/doc/4.7/chrony.conf.html#leapseclist',
    },
  ],
  needs: ['leapTable'],
  evaluate(host): Verdict {
    const table = given(host.leapTable);
    if (!table) {
      const observed = 'this host has no table of leap seconds';
      return { outcome: 'not-applicable', code: 'none', observed };
    }
    const { path, expiresAtSeconds, readAtSeconds } = table;
    const day = dayOf(expiresAtSeconds);
    if (expiresAtSeconds > readAtSeconds) {
      return { outcome: 'pass', code: 'current', observed: `${path} is good until ${day}` };
    }
    const observed = `${path} expired on ${day}`;
    const detail = 'only a daemon that was told to rely on this table is affected';
    return { outcome: 'info', code: 'expired', observed, detail };
  },
};

/** The end of the calendar that a `Date` has, in seconds from 1970. */
const LAST_DAY_SECONDS = 8.64e12;

function dayOf(seconds: number): string {
  if (Math.abs(seconds) > LAST_DAY_SECONDS) return 'a day that no calendar has';
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}
