import type { EffectiveRtc } from '../../facts/clock.js';
import type { DomainDefinition } from '../../facts/definition.js';
import type { SituationCheck } from '../check.js';
import { TIME_KEEPING } from '../references.js';
import { whyNotRunning } from '../running.js';

export const rtcAdjustment: SituationCheck = {
  id: 'domain/rtc-adjustment',
  scope: 'domain',
  judges: 'situation',
  title: 'The guest has not moved its RTC',
  failureTitle: 'The guest has moved its RTC, and will lose that',
  rationale:
    "With offset='variable' libvirt notes in the running definition when a guest sets its RTC, and forgets it at the next start unless the management layer writes it back (oVirt does). A guest that found its RTC wrong and corrected it boots wrong again; one that moved it far away has a wrong clock now.",
  outcomes: {
    pass: "The running definition's adjustment is the defined one, within 2 s (rtcAdjustmentSeconds).",
    warn: 'It differs by more than 2 s.',
    fail: 'It differs by more than 60 s (rtcAdjustmentFailSeconds).',
    'not-applicable': "Either definition has another offset than 'variable', or there is only one.",
  },
  fix: "Set the guest's clock right and find out why it moved its RTC; then define the adjustment that is meant to last, or let the management layer do it.",
  references: [
    TIME_KEEPING,
    {
      title: 'VIR_DOMAIN_EVENT_ID_RTC_CHANGE',
      url: 'https://libvirt.org/html/libvirt-libvirt-domain.html#virConnectDomainEventRTCChangeCallback',
    },
  ],
  appliesTo(domain) {
    const { live, inactive } = domain.definitions;
    if (!live) return whyNotRunning(domain);
    if (!inactive) return 'there is no definition of a next start to compare with';
    const variable = [live, inactive].every((fact) => !fact.known || adjustment(fact.value) !== null);
    return variable || "the clock's offset is not variable in both definitions";
  },
  needs: ({ definitions: { live, inactive } }) => [live, inactive].filter((fact) => fact !== undefined),
  evaluate({ definitions: { live, inactive } }, _host, { thresholds }) {
    const now = live?.known ? adjustment(live.value) : null;
    const next = inactive?.known ? adjustment(inactive.value) : null;
    const movedSeconds = now && next ? movement(now, next) : 0;
    const observed = `the running definition has ${now?.adjustmentSeconds} s, the defined one ${next?.adjustmentSeconds} s: moved by ${movedSeconds} s`;
    if (Math.abs(movedSeconds) <= thresholds.rtcAdjustmentSeconds) {
      return { outcome: 'pass', code: 'unmoved', observed };
    }
    const far = Math.abs(movedSeconds) > thresholds.rtcAdjustmentFailSeconds;
    return {
      outcome: far ? 'fail' : 'warn',
      code: far ? 'moved-far' : 'moved',
      observed: `${observed}, which the next start forgets`,
      expected: 'the same adjustment in both',
    };
  },
};

function adjustment({ effectiveClock: { rtc } }: DomainDefinition): EffectiveRtc | null {
  return rtc.adjustmentSeconds === null ? null : rtc;
}

/**
 * How far the guest moved its RTC, in seconds. A start turns an adjustment from local time into one from UTC, by the
 * zone of that moment; zones differ by quarter hours, so only the rest is the guest's doing.
 */
function movement(now: EffectiveRtc, next: EffectiveRtc): number {
  const difference = (now.adjustmentSeconds ?? 0) - (next.adjustmentSeconds ?? 0);
  if (now.variableBasis === next.variableBasis) return difference;
  return difference - Math.round(difference / 900) * 900;
}
