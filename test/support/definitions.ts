import type { EffectiveClock, EffectiveRtc } from '../../src/facts/clock.js';
import type { DomainDefinition, GuestOs, Owner } from '../../src/facts/definition.js';
import { known, unknown } from '../../src/facts/fact.js';
import type { DomainSituation } from '../../src/facts/situation.js';

type ClockPart = Partial<Omit<EffectiveClock, 'rtc'>> & { readonly rtc?: Partial<EffectiveRtc> };

/** The clock of an x86 KVM guest that says nothing about it. */
export function clockOf({ rtc = {}, ...rest }: ClockPart = {}): EffectiveClock {
  return {
    rtc: {
      present: true,
      base: 'utc',
      clock: 'host',
      driftfix: 'none',
      driftfixDecidedBy: "QEMU's default",
      adjustmentSeconds: null,
      variableBasis: null,
      startSeconds: null,
      baseDecidedBy: "clock offset='utc'",
      clockDecidedBy: "QEMU's default",
      ...rtc,
    },
    kvmclock: 'on',
    kvmclockDecidedBy: 'the default',
    kvmclockAsked: null,
    hvTime: 'off',
    hvTimeDecidedBy: "QEMU's default",
    enlightenments: [],
    hvPassthrough: false,
    hpet: 'on',
    hpetDecidedBy: "QEMU's default",
    pitLostTickPolicy: 'delay',
    pitDecidedBy: "QEMU's default",
    tscFrequencyHz: null,
    invtsc: null,
    migratable: null,
    armVirtualCounterStopsOnPause: null,
    tz: null,
    tzDecidedBy: null,
    overrides: [],
    recordReplay: false,
    qemuArgs: [],
    readFrom: 'definition',
    ...rest,
  };
}

/** Parts of a definition that a test is about. */
export type DefinitionPart = Partial<Omit<DomainDefinition, 'effectiveClock'>> & {
  readonly clock?: ClockPart;
};

/** An x86 KVM guest, but for the parts that are given. */
export function definitionOf({ clock, ...rest }: DefinitionPart = {}): DomainDefinition {
  return {
    name: 'guest',
    virtType: 'kvm',
    arch: 'x86_64',
    machine: 'pc-q35-7.2',
    guestOs: unknownGuest,
    hiddenFor: [],
    owner: { kind: 'none', label: 'nobody known' },
    effectiveClock: clockOf(clock),
    cpuMode: null,
    agentChannel: 'absent',
    ignored: [],
    foreignTimers: [],
    processDifferences: [],
    rejections: [],
    ...rest,
  };
}

export const unknownGuest: GuestOs = { family: 'unknown', confidence: 'none', evidence: 'nothing names it' };
export const linux: GuestOs = { family: 'linux', confidence: 'strong', evidence: 'test' };

/** A Windows guest, known with that confidence. */
export function windows(confidence: GuestOs['confidence'] = 'strong'): GuestOs {
  return { family: 'windows', confidence, evidence: 'test' };
}

export const nova: Owner = { kind: 'nova', label: 'OpenStack nova', rewrittenBy: 'at the next hard reboot' };

/** A domain of which nothing is known but its definitions. */
export function situationOf(part: {
  readonly live?: DomainDefinition;
  readonly inactive?: DomainDefinition;
  readonly rest?: Partial<DomainSituation>;
}): DomainSituation {
  const nobody = unknown('test', 'not-in-file', 'a file does not tell');
  return {
    definitions: {
      ...(part.live && { live: known(part.live, 'test') }),
      ...(part.inactive && { inactive: known(part.inactive, 'test') }),
    },
    state: nobody,
    persistent: nobody,
    managedSave: nobody,
    saved: null,
    process: null,
    taints: null,
    ...part.rest,
  };
}
