import type { EffectiveClock } from '../../facts/clock.js';
import type { DomainDefinition } from '../../facts/definition.js';
import type { HostFacts } from '../../facts/host.js';
import type { Thresholds } from '../../policy/thresholds.js';
import { type DefinitionCheck, noRtc, qemuGuest, type Verdict } from '../check.js';
import { describeGuest, hiddenOnPurpose, rtcConvention, substituteBase } from '../guestOs.js';
import { TIME_KEEPING } from '../references.js';
import { zoneKind } from '../timeZoneName.js';

export const clockOffset: DefinitionCheck = {
  id: 'domain/clock-offset',
  scope: 'domain',
  judges: 'definition',
  title: 'The RTC starts with the time that the guest expects',
  failureTitle: 'The RTC does not start with the time that the guest expects',
  rationale:
    "Linux and other Unix guests read the RTC as UTC, Windows reads it as local time. A guest that gets the other one boots hours off, until something corrects it: logs, Kerberos tickets and certificates are wrong meanwhile. What counts is the effective base, not the attribute: a missing <clock> means UTC, 'variable' is what oVirt always writes, and a -rtc in qemu:commandline overrides all of it. The host cannot see how a guest was configured, so a doubtful base is a warning; only a fixed date is wrong for every guest.",
  outcomes: {
    pass: 'UTC for Unix; local time or a time zone for Windows; an adjustment in whole quarter hours for Windows; for a guest that is Windows with some probability, any of these; for a guest of which nothing is known, UTC.',
    info: 'UTC for a Windows guest of KubeVirt, which sets such guests up for it; or local time of a host that keeps UTC.',
    warn: 'The base fits the other family of guests, or the adjustment fits none.',
    fail: "offset='absolute' or a fixed -rtc base: every start goes back to the same instant.",
    'not-applicable': 'The domain is not run by QEMU, or its machine has no RTC (s390x, microvm under KVM).',
  },
  fix: "Set <clock offset='utc'/> for Unix guests and offset='localtime' or offset='timezone' for Windows (unless the guest has RealTimeIsUniversal set); then stop and start the guest. A Windows guest's RTC shifts with that: its clock is corrected by its time service minutes after the boot.",
  references: [
    TIME_KEEPING,
    {
      title: 'nova: os_type image property',
      url: 'https://docs.openstack.org/glance/latest/admin/useful-image-properties.html',
    },
    { title: 'tzset(3)', url: 'https://man7.org/linux/man-pages/man3/tzset.3.html' },
  ],
  needs: () => [],
  appliesTo(definition) {
    const guest = qemuGuest(definition);
    return guest === true && !definition.effectiveClock.rtc.present ? noRtc(definition) : guest;
  },
  evaluate(definition, host, { thresholds }) {
    const { rtc } = definition.effectiveClock;
    const base = startingTime(definition.effectiveClock, host, thresholds);
    const verdict = judge(base, definition);
    const guest = describeGuest(definition.guestOs);
    return { ...verdict, observed: `${base.text}, by ${rtc.baseDecidedBy}; ${guest}` };
  },
};

/** What the RTC starts with, in the terms that decide whether a guest can live with it. */
interface StartingTime {
  readonly kind: 'utc' | 'local' | 'local-is-utc' | 'zone' | 'quarter-hours' | 'odd' | 'fixed';
  readonly text: string;
  /** True when a zone that does not exist made it UTC: that is for domain/timezone to mend. */
  readonly zoneIsInvalid?: true;
  /** True when a TZ in QEMU's environment made it UTC, whatever the definition's own clock says. */
  readonly byVariable?: boolean;
}

function startingTime(
  clock: EffectiveClock,
  host: HostFacts,
  { rtcAdjustmentSeconds }: Thresholds,
): StartingTime {
  const { rtc } = clock;
  const { adjustmentSeconds, variableBasis } = rtc;
  if (rtc.base === 'utc') return { kind: 'utc', text: 'UTC' };
  if (rtc.base === 'localtime') return localTime(clock, host);
  if (adjustmentSeconds === null) return { kind: 'fixed', text: 'a fixed date' };
  const text = `${hours(adjustmentSeconds)} off ${variableBasis === 'localtime' ? 'local time' : 'UTC'}`;
  // A guest's own RTC writes leave a second or two in the adjustment.
  if (Math.abs(adjustmentSeconds) <= rtcAdjustmentSeconds) {
    return variableBasis === 'localtime' ? localTime(clock, host) : { kind: 'utc', text: 'UTC' };
  }
  const rest = Math.abs(adjustmentSeconds) % 900;
  const whole = Math.min(rest, 900 - rest) <= rtcAdjustmentSeconds;
  // No zone is further than 14 hours from UTC.
  if (whole && Math.abs(adjustmentSeconds) <= 14 * 3600 + rtcAdjustmentSeconds)
    return { kind: 'quarter-hours', text };
  return { kind: 'odd', text };
}

function localTime(clock: Pick<EffectiveClock, 'tz' | 'tzDecidedBy'>, host: HostFacts): StartingTime {
  const { tz, tzDecidedBy } = clock;
  const kind = tz === null ? 'host' : zoneKind(tz, host.zoneinfo);
  if (kind !== 'host') {
    const by = tzDecidedBy?.startsWith('qemu:') ? `, by ${tzDecidedBy}` : '';
    if (kind === 'invalid') {
      return {
        kind: 'utc',
        text: `UTC, since the time zone '${tz}' does not exist${by}`,
        zoneIsInvalid: true,
      };
    }
    const text = `the time zone ${tz}${by}`;
    return kind === 'utc' ? { kind, text, byVariable: by !== '' } : { kind, text };
  }
  const zone = host.timeZone;
  if (!zone.known) return { kind: 'local', text: "the host's local time" };
  return {
    kind: zone.value.isUtc ? 'local-is-utc' : 'local',
    text: `the host's local time (${zone.value.name})`,
  };
}

function judge(base: StartingTime, definition: DomainDefinition): Omit<Verdict, 'observed'> {
  const { guestOs, owner } = definition;
  const convention = rtcConvention(guestOs);
  const isDisguised = hiddenOnPurpose(definition).length > 0;
  const offset = substituteBase(guestOs);
  const remedy = base.zoneIsInvalid ? [] : ([{ kind: 'set-clock-offset', offset }] as const);
  const expected = { utc: 'UTC', local: 'local time', either: 'UTC or local time', 'presumed-utc': 'UTC' }[
    convention
  ];
  switch (base.kind) {
    case 'fixed':
      return {
        outcome: 'fail',
        code: 'fixed-date',
        expected,
        detail: 'every start goes back to the same instant',
        remedy,
      };
    case 'odd':
      return { outcome: 'warn', code: 'odd-adjustment', expected, ...(isDisguised ? DISGUISED : { remedy }) };
    case 'utc':
      if (convention !== 'local') return { outcome: 'pass', code: 'utc' };
      if (owner.kind === 'kubevirt') {
        return {
          outcome: 'info',
          code: 'utc-by-kubevirt',
          detail: 'KubeVirt gives UTC to Windows guests that are set up for it',
        };
      }
      return {
        outcome: 'warn',
        code: 'utc-for-local-guest',
        expected: 'local time, unless the guest has RealTimeIsUniversal set or lives in UTC',
        remedy: base.byVariable ? [{ kind: 'drop-time-zone-variable' }] : remedy,
      };
    case 'local-is-utc':
      return convention === 'local'
        ? {
            outcome: 'info',
            code: 'local-is-utc',
            detail: 'the host keeps UTC, so this is right for a guest that lives in UTC only',
          }
        : { outcome: 'pass', code: 'local-is-utc', detail: 'the same as UTC' };
  }
  const code = { local: 'local', zone: 'zone', 'quarter-hours': 'quarter-hours' }[base.kind];
  if (convention === 'local' || convention === 'either') return { outcome: 'pass', code };
  return {
    outcome: 'warn',
    code: `${code}-for-utc-guest`,
    expected: convention === 'utc' ? expected : 'UTC, unless the guest is Windows',
    ...(isDisguised ? DISGUISED : { remedy }),
  };
}

/** Whoever hides KVM from a guest that nothing names mostly does so for Windows, whose RTC is no mistake then. */
const DISGUISED = {
  detail: 'KVM is hidden from it, mostly done for Windows: say with --guest-os what it runs',
};

function hours(seconds: number): string {
  const sign = seconds < 0 ? '-' : '+';
  const total = Math.abs(seconds);
  return total >= 3600 ? `${sign}${+(total / 3600).toFixed(2)} h` : `${sign}${total} s`;
}
