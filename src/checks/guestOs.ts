import type { DomainDefinition, GuestOs } from '../facts/definition.js';
import { isUtcZone } from '../facts/utcZones.js';

const RANK = { none: 0, weak: 1, medium: 2, strong: 3 } as const;

/** Whether the guest is known to be Windows, with at least that confidence. */
export function isWindows({ family, confidence }: GuestOs, atLeast: 'weak' | 'medium' | 'strong'): boolean {
  return family === 'windows' && RANK[confidence] >= RANK[atLeast];
}

/** Why the guest has no use for kvm-clock, or null where it has or nobody knows. */
export function noUseForKvmclock(guestOs: GuestOs): string | null {
  const { family, confidence, evidence } = guestOs;
  if (isWindows(guestOs, 'medium')) {
    return `the guest is Windows (confidence ${confidence}: ${evidence}), which uses the Hyper-V reference time`;
  }
  const without = family === 'dos' || family === 'solaris' || family === 'other';
  return without && confidence === 'strong' ? `the guest (${evidence}) has no driver for it` : null;
}

/**
 * What suggests that KVM is hidden on purpose from a guest that may have to believe itself on bare metal: one phrase each.
 * Empty where KVM is not hidden, and where the guest is known to be one that uses kvm-clock.
 */
export function hiddenOnPurpose({ guestOs, hiddenFor, effectiveClock }: DomainDefinition): readonly string[] {
  if (effectiveClock.kvmclock !== 'hidden') return [];
  const { family, confidence, evidence } = guestOs;
  const isUnix = family === 'linux' || family === 'bsd';
  if (isUnix && RANK[confidence] >= RANK.medium) return [];
  // A kernel that is booted directly makes it Linux, and libosinfo may say something else.
  const isDoubtful = family !== 'unknown' && (!isUnix || evidence.includes(', against '));
  const { rtc, tz } = effectiveClock;
  const isLocal =
    (rtc.base === 'localtime' || rtc.variableBasis === 'localtime') && !(tz !== null && isUtcZone(tz));
  return [
    ...hiddenFor,
    ...(isDoubtful ? [`it is perhaps ${isUnix ? 'Windows' : family} (${evidence})`] : []),
    ...(isLocal ? ['its RTC is in local time'] : []),
  ];
}

/**
 * How the guest reads its RTC: Unix in UTC, Windows and DOS in local time, unless an operator said that this one
 * reads UTC. `either` where the host cannot tell, or where both are usual; `presumed-utc` where nothing is known
 * of the guest at all.
 */
export function rtcConvention(guestOs: GuestOs): 'utc' | 'local' | 'either' | 'presumed-utc' {
  const { family, confidence, rtcIsUtc } = guestOs;
  if (rtcIsUtc) return 'utc';
  // A name that looks like Linux tells no more than no name: UTC is presumed either way.
  if (family === 'unknown' || (confidence === 'weak' && (family === 'linux' || family === 'bsd'))) {
    return 'presumed-utc';
  }
  if (confidence !== 'strong' || family === 'solaris' || family === 'other') return 'either';
  return family === 'windows' || family === 'dos' ? 'local' : 'utc';
}

/**
 * The base for an RTC whose own is of no use: a guest that is Windows only with some probability still had better keep
 * local time.
 */
export function substituteBase(guestOs: GuestOs): 'utc' | 'localtime' {
  const keepsLocalTime = guestOs.family === 'windows' || guestOs.family === 'dos';
  return rtcConvention(guestOs) !== 'utc' && keepsLocalTime ? 'localtime' : 'utc';
}

/** The guest's system in words, for what was observed. */
export function describeGuest({ family, confidence, evidence }: GuestOs): string {
  if (family === 'unknown') return `guest OS unknown (${evidence})`;
  return `guest OS ${family} (confidence ${confidence}: ${evidence})`;
}
