import { type DefinitionCheck, noRtc, qemuGuest } from '../check.js';
import { substituteBase } from '../guestOs.js';
import { TIME_KEEPING } from '../references.js';
import { zoneKind } from '../timeZoneName.js';

export const timezone: DefinitionCheck = {
  id: 'domain/timezone',
  scope: 'domain',
  judges: 'definition',
  title: 'The time zone that is named exists',
  failureTitle: 'The time zone that is named does not exist',
  rationale:
    "libvirt hands the zone of <clock offset='timezone'> to QEMU as TZ without looking at it. The C library takes a zone that it does not know for UTC, without a word: the guest's RTC is hours off although the XML reads well. A spelling mistake does that, and so does a host without tzdata.",
  outcomes: {
    pass: "The zone exists in the host's zoneinfo, or it is a POSIX rule; without the host: it is a name of the IANA database.",
    fail: 'There is no such zone, so the RTC is set to UTC.',
    'not-applicable':
      'No time zone is named, nobody uses it, the domain is not run by QEMU, or its machine has no RTC.',
  },
  fix: 'Correct the name (timedatectl list-timezones), or install tzdata on the host; then stop and start the guest.',
  references: [
    { title: 'tzset(3)', url: 'https://man7.org/linux/man-pages/man3/tzset.3.html' },
    TIME_KEEPING,
  ],
  needs: () => [],
  appliesTo(definition) {
    const guest = qemuGuest(definition);
    if (guest !== true) return guest;
    const { rtc, tz } = definition.effectiveClock;
    if (!rtc.present) return noRtc(definition);
    if (tz === null) return 'no time zone is named';
    return rtc.base === 'localtime' || 'a time zone is named, but the RTC is not set to local time';
  },
  evaluate({ effectiveClock: { tz, tzDecidedBy }, guestOs }, { zoneinfo }) {
    const named = `the time zone '${tz}', by ${tzDecidedBy}`;
    if (zoneKind(tz ?? '', zoneinfo) !== 'invalid') {
      return { outcome: 'pass', code: 'exists', observed: named };
    }
    const where = zoneinfo.known ? 'on this host' : 'in the IANA database';
    return {
      outcome: 'fail',
      code: 'invalid-zone',
      observed: `${named}, which does not exist ${where}`,
      expected: 'a zone that exists: a name of the IANA database, such as Europe/Paris, or a POSIX rule',
      detail: 'QEMU uses UTC instead, without a word',
      remedy: tzDecidedBy?.startsWith('qemu:')
        ? [{ kind: 'drop-time-zone-variable' }]
        : [{ kind: 'set-clock-offset', offset: substituteBase(guestOs) }],
    };
  },
};
