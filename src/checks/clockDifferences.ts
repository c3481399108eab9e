import type { EffectiveClock } from '../facts/clock.js';
import type { DomainDefinition } from '../facts/definition.js';
import { clockAsDefined } from './definedClock.js';

/** What a guest notices of its clock, in words; how it is spelled or who decided it is none of that. */
function effects(definition: DomainDefinition): Map<string, string> {
  const clock = clockAsDefined(definition);
  const { rtc } = clock;
  return new Map([
    ['RTC base', rtcBase(clock)],
    ['RTC clock', rtc.clock],
    ['RTC driftfix', rtc.driftfix],
    ['TZ', clock.tz ?? 'none'],
    ['kvm-clock', clock.kvmclock],
    ['hv-time', clock.hvTime],
    ['Hyper-V enlightenments', clock.enlightenments.join(' ') || 'none'],
    ['HPET', clock.hpet],
    ['PIT lost_tick_policy', clock.pitLostTickPolicy ?? 'none'],
    ['TSC frequency', clock.tscFrequencyHz === null ? "the host's" : `${clock.tscFrequencyHz} Hz`],
    ['invtsc', word(clock.invtsc)],
    ['migratable', word(clock.migratable)],
    ['ARM virtual counter', word(clock.armVirtualCounterStopsOnPause)],
  ]);
}

function passesAllThrough(definition: DomainDefinition): boolean {
  return clockAsDefined(definition).hvPassthrough;
}

/** How far an adjustment is off is no matter of the definition: a guest moves its RTC while it runs. */
function rtcBase({ rtc }: EffectiveClock): string {
  if (rtc.adjustmentSeconds !== null) return 'variable';
  if (rtc.base !== 'datetime') return rtc.base;
  return rtc.startSeconds === null ? 'a date' : new Date(rtc.startSeconds * 1000).toISOString();
}

function word(value: boolean | null): string {
  return value === null ? 'not said' : value ? 'yes' : 'no';
}

/**
 * Where the clocks of two definitions differ for a guest.
 * @returns one phrase each, such as `RTC clock host → vm`
 */
export function clockDifferences(from: DomainDefinition, to: DomainDefinition): string[] {
  const before = effects(from);
  const unsaid = new Set([
    // The live definition spells out what host-model and hv-passthrough came to; the other one cannot.
    ...([from, to].some(({ cpuMode }) => cpuMode === 'host-model') ? ['invtsc', 'migratable'] : []),
    ...([from, to].some(passesAllThrough) ? ['Hyper-V enlightenments'] : []),
  ]);
  return [...effects(to)].flatMap(([name, value]) => {
    const old = before.get(name) ?? '';
    return old === value || unsaid.has(name) ? [] : [`${name} ${old} → ${value}`];
  });
}
