import { notSynchronised } from '../checks/host/chronyTracking.js';
import { type ChronyAnswer, rootDistanceSeconds } from '../facts/chrony.js';
import type { HostFacts } from '../facts/host.js';
import type { NtpAnswer, TimesyncdAnswer } from '../facts/timeDaemons.js';

/** What one NTP daemon says of the host's clock, for forms that carry numbers. */
export interface TimeDaemonReading {
  readonly daemon: 'chronyd' | 'systemd-timesyncd' | 'ntpd';
  readonly synchronised: boolean;
  /** Null where the daemon is not synchronised: what it says then is no measurement. */
  readonly clock: MeasuredClock | null;
  /** By what the daemon makes of them, every state that it knows; null where it does not tell. */
  readonly sources: ReadonlyMap<string, number> | null;
}

/** The host's clock as a synchronised daemon measured it. */
export interface MeasuredClock {
  /** Positive when the system clock is ahead. */
  readonly offsetSeconds: number;
  readonly rootDelaySeconds: number;
  readonly rootDispersionSeconds: number;
  /** How far the clock may be off at worst. */
  readonly errorBoundSeconds: number;
  readonly stratum: number;
  /** When the last measurement was taken, in seconds since 1970. */
  readonly measuredAtSeconds: number | null;
}

type Chrony = Extract<ChronyAnswer, { daemon: 'answers' }>;

const CHRONY_STATES = ['selected', 'combined', 'not-combined', 'falseticker', 'too-variable', 'unusable'];
const NTP_STATES = ['selected', 'combined', 'not-combined', 'falseticker', 'unusable'];

/**
 * The daemons that answered, the one that sets the clock first where that is known.
 * @param collectedAtSeconds - when they were asked, in seconds since 1970
 */
export function timeDaemonReadings(
  { chrony, timesyncd, ntpd }: HostFacts,
  collectedAtSeconds: number,
): TimeDaemonReading[] {
  const answers = chrony.known && chrony.value.daemon === 'answers' ? chrony.value : null;
  const others = [
    ntpd.known && ntpd.value && ofNtpd(ntpd.value, collectedAtSeconds),
    timesyncd.known && timesyncd.value && ofTimesyncd(timesyncd.value, collectedAtSeconds),
  ].filter((reading) => reading !== null && reading !== false);
  if (!answers) return others;
  // A chronyd with -x only serves time or compares.
  return answers.steersClock === false ? [...others, ofChronyd(answers)] : [ofChronyd(answers), ...others];
}

function ofChronyd(answer: Chrony): TimeDaemonReading {
  const { tracking, sources } = answer;
  const synchronised = notSynchronised(answer) === null;
  const { systemOffsetSeconds, rootDelaySeconds, rootDispersionSeconds, stratum } = tracking;
  const clock = {
    ...{ offsetSeconds: systemOffsetSeconds, rootDelaySeconds, rootDispersionSeconds, stratum },
    errorBoundSeconds: rootDistanceSeconds(tracking),
    measuredAtSeconds: tracking.referenceTimeSeconds > 0 ? tracking.referenceTimeSeconds : null,
  };
  const counted = countStates(CHRONY_STATES, sources);
  return { daemon: 'chronyd', synchronised, clock: synchronised ? clock : null, sources: counted };
}

function ofNtpd(answer: NtpAnswer, collectedAtSeconds: number): TimeDaemonReading {
  const { offsetSeconds, rootDelaySeconds, rootDispersionSeconds, stratum, lastUpdateAgeSeconds } = answer;
  const synchronised = answer.leap !== 'not-synchronised' && stratum > 0 && stratum < 16;
  const clock = {
    ...{ offsetSeconds, rootDelaySeconds, rootDispersionSeconds, stratum },
    // Its root dispersion holds the offset already: RFC 5905, section 11.2.3.
    errorBoundSeconds: rootDispersionSeconds + rootDelaySeconds / 2,
    measuredAtSeconds: lastUpdateAgeSeconds === null ? null : collectedAtSeconds - lastUpdateAgeSeconds,
  };
  const sources = countStates(NTP_STATES, answer.peers);
  return { daemon: 'ntpd', synchronised, clock: synchronised ? clock : null, sources };
}

function ofTimesyncd({ synchronised, lastPacket }: TimesyncdAnswer, now: number): TimeDaemonReading {
  const usable = lastPacket && lastPacket.leap !== 3 && lastPacket.stratum > 0 && lastPacket.stratum < 16;
  if (!synchronised || !usable) {
    return { daemon: 'systemd-timesyncd', synchronised: false, clock: null, sources: null };
  }
  const { offsetSeconds, rootDispersionSeconds, stratum } = lastPacket;
  const rootDelaySeconds = lastPacket.rootDelaySeconds + lastPacket.delaySeconds;
  const clock = {
    ...{ offsetSeconds, rootDelaySeconds, rootDispersionSeconds, stratum },
    errorBoundSeconds: Math.abs(offsetSeconds) + rootDispersionSeconds + rootDelaySeconds / 2,
    measuredAtSeconds: now - lastPacket.ageSeconds,
  };
  return { daemon: 'systemd-timesyncd', synchronised: true, clock, sources: null };
}

function countStates(states: readonly string[], sources: readonly { readonly state: string }[]) {
  return new Map(states.map((it) => [it, sources.filter(({ state }) => state === it).length]));
}
