import type { EffectiveClock } from '../facts/clock.js';

/** Something about a guest's clock in words that are equal exactly when the effect is. */
interface Aspect {
  readonly what: string;
  readonly value: (clock: EffectiveClock) => string;
  readonly by?: (clock: EffectiveClock) => string;
}

const DATE_UNKNOWN = 'a date';

const ASPECTS: readonly Aspect[] = [
  { what: "the RTC's base", value: rtcBase, by: ({ rtc }) => rtc.baseDecidedBy },
  { what: "the RTC's clock", value: ({ rtc }) => rtc.clock, by: ({ rtc }) => rtc.clockDecidedBy },
  { what: "the RTC's driftfix", value: ({ rtc }) => rtc.driftfix, by: ({ rtc }) => rtc.driftfixDecidedBy },
  { what: 'kvm-clock', value: ({ kvmclock }) => kvmclock, by: ({ kvmclockDecidedBy }) => kvmclockDecidedBy },
  { what: 'hv-time', value: ({ hvTime }) => hvTime, by: ({ hvTimeDecidedBy }) => hvTimeDecidedBy },
  { what: 'the set of Hyper-V enlightenments', value: enlightenments },
  { what: 'the HPET', value: ({ hpet }) => hpet, by: ({ hpetDecidedBy }) => hpetDecidedBy },
  {
    what: "the PIT's lost tick policy",
    value: ({ pitLostTickPolicy }) => pitLostTickPolicy ?? 'none',
    by: ({ pitDecidedBy }) => pitDecidedBy,
  },
  {
    what: 'the TSC frequency',
    value: ({ tscFrequencyHz }) => (tscFrequencyHz === null ? "the host's" : `${tscFrequencyHz} Hz`),
  },
  { what: 'the invariant TSC flag', value: ({ invtsc }) => (invtsc ? 'set' : 'not set by name') },
  // QEMU's own default is on.
  { what: "the CPU's migratable", value: ({ migratable }) => (migratable === false ? 'off' : 'on') },
  {
    what: 'the ARM virtual counter in a pause',
    value: ({ armVirtualCounterStopsOnPause: stops }) =>
      stops === null ? 'not there' : stops ? 'stopped' : 'running',
  },
  { what: 'record/replay', value: ({ recordReplay }) => (recordReplay ? 'on' : 'off') },
];

/**
 * Where a running QEMU gives its guest another clock than its definition comes to, one sentence each. Effects are
 * compared, so that `-no-hpet` is `hpet=off` and a date is the datetime of a variable offset.
 */
export function processDifferences(running: EffectiveClock, definition: EffectiveClock): string[] {
  const differences = ASPECTS.flatMap(({ what, value, by }) => {
    const [actual, expected] = [value(running), value(definition)];
    if (actual === expected) return [];
    const because = (clock: EffectiveClock) => (by ? `, by ${by(clock)}` : '');
    return [
      `${what} is ${actual}${because(running)}; its definition comes to ${expected}${because(definition)}`,
    ];
  });
  // The zone is only looked at for local time; where just one of the two has that, the base says enough.
  const isLocal = running.rtc.base === 'localtime' && definition.rtc.base === 'localtime';
  if (isLocal && running.tz !== definition.tz) {
    differences.push(`the RTC's time zone is ${zone(running)}; its definition comes to ${zone(definition)}`);
  }
  return differences;
}

function rtcBase({ rtc }: EffectiveClock): string {
  if (rtc.base !== 'datetime' || rtc.adjustmentSeconds !== null) {
    return rtc.base === 'datetime' ? 'a date kept up by libvirt' : rtc.base;
  }
  return rtc.startSeconds === null ? DATE_UNKNOWN : new Date(rtc.startSeconds * 1000).toISOString();
}

function enlightenments({ hvPassthrough, enlightenments: names }: EffectiveClock): string {
  return [...(hvPassthrough ? ['all that the host has'] : []), ...names].join(', ') || 'empty';
}

function zone({ tz, tzDecidedBy }: EffectiveClock): string {
  return tz === null ? "the host's" : `'${tz}', by ${tzDecidedBy}`;
}
