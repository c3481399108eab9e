import type { ChronyAnswer } from '../../facts/chrony.js';
import type { HostFacts } from '../../facts/host.js';
import type { KernelClock } from '../../facts/kernelClock.js';
import type { Verdict } from '../check.js';
import { notSynchronised } from './chronyTracking.js';

/** A verdict without what was observed. */
export type KernelJudgement = Omit<Verdict, 'observed'>;

type Answer = Extract<ChronyAnswer, { daemon: 'answers' }>;

/** Where the kernel's bound on the error ends: `NTP_PHASE_LIMIT` in the kernel's include/linux/timex.h. */
const UNDISCIPLINED_SECONDS = 16;
/** How long the bound takes to get there from zero, growing by 500 ppm. */
const KERNEL_PATIENCE_SECONDS = UNDISCIPLINED_SECONDS / 500e-6;

/**
 * Compares whether the kernel counts the clock as synchronised with what the daemons say. That a daemon is not
 * synchronised is judged where that daemon is; here it is a second witness, and a contradiction is explained.
 * @returns null where the kernel counts it as synchronised, and nobody says otherwise
 */
export function kernelSynchronisation(host: HostFacts, clock: KernelClock): KernelJudgement | null {
  const unsynchronised = clock.status.includes('unsync');
  const bounded = clock.maxErrorSeconds < UNDISCIPLINED_SECONDS;
  const chrony = steering(host);
  if (chrony) {
    const synchronised = notSynchronised(chrony) === null;
    if (unsynchronised) return synchronised ? notTold(chrony, bounded) : alsoUnsynchronised('chronyd');
    return synchronised ? null : remembered('chronyd says that it is not synchronised');
  }
  const daemons = host.timeDaemons.known ? host.timeDaemons.value : null;
  if (!unsynchronised) {
    return daemons?.length === 0 ? remembered('no time daemon is seen that may set the clock') : null;
  }
  if (bounded) return flagLeftSet(daemons?.includes('chronyd') ?? true, host);
  if (daemons?.length === 0) return alsoUnsynchronised('no time daemon is seen that may set the clock');
  return withoutChronyd(host);
}

/** The chronyd that answers, unless it is known to leave the clock alone. */
function steering({ chrony }: HostFacts): Answer | null {
  if (!chrony.known || chrony.value.daemon === 'absent') return null;
  return chrony.value.steersClock === false ? null : chrony.value;
}

/** chronyd is synchronised, and the kernel does not know. */
function notTold({ tracking, steersClock, readAtSeconds }: Answer, bounded: boolean): KernelJudgement {
  if (bounded) return flagLeftSet(true, null);
  if (readAtSeconds - tracking.referenceTimeSeconds > KERNEL_PATIENCE_SECONDS) {
    const detail = 'chronyd has had no measurement for hours; see host/chrony-tracking';
    return { outcome: 'info', code: 'unsynchronised-too', detail };
  }
  if (steersClock !== true) {
    const detail = 'the chronyd that answers may not be the one that steers this clock';
    return { outcome: 'info', code: 'other-chronyd', detail };
  }
  // The next measurement ends this state, so that it never tells of a lasting fault.
  const detail =
    'chronyd is synchronised and steers this clock, but the clock was set since its last measurement, by chronyc makestep or by something else, and the kernel has forgotten the bound on its error until the next one';
  return { outcome: 'info', code: 'set-since', detail };
}

/** Whoever brings the bound up to date and leaves the flag, disciplines the clock. */
function flagLeftSet(chronyd: boolean, host: HostFacts | null): KernelJudgement {
  const timesyncd = host?.timeDaemons.known && host.timeDaemons.value.includes('systemd-timesyncd');
  const who = chronyd
    ? 'as chronyd does without rtcsync in chrony.conf'
    : timesyncd
      ? 'as systemd-timesyncd does where the hardware clock keeps local time'
      : 'as a daemon may';
  return {
    outcome: 'info',
    code: 'flag-left-set',
    detail: `the clock is disciplined, ${who}: programs that ask the kernel take it for unsynchronised, and nobody keeps the hardware clock right`,
  };
}

function alsoUnsynchronised(who: string): KernelJudgement {
  const said = who === 'chronyd' ? 'chronyd says so too; see host/chrony-tracking' : who;
  return { outcome: 'info', code: 'unsynchronised-too', detail: said };
}

function remembered(who: string): KernelJudgement {
  const detail = `${who}: the daemon has been started or stopped in the last hours, or one that is not seen here sets the clock`;
  return { outcome: 'info', code: 'still-synchronised', detail };
}

/** The bound is at its end: nobody has corrected the clock for hours. */
function withoutChronyd({ timesyncd, ntpd, linuxptp }: HostFacts): KernelJudgement {
  const expected = 'a clock that the kernel counts as synchronised';
  const answers = [
    [
      'systemd-timesyncd',
      timesyncd.known && timesyncd.value,
      timesyncd.known && timesyncd.value?.synchronised,
    ],
    ['ntpd', ntpd.known && ntpd.value, ntpd.known && ntpd.value && ntpd.value.leap !== 'not-synchronised'],
    [
      'linuxptp',
      linuxptp.known && linuxptp.value,
      linuxptp.known && linuxptp.value?.portStates?.includes('SLAVE'),
    ],
  ] as const;
  const claims = answers.find(([, , synchronised]) => synchronised);
  if (claims) {
    const detail = `${claims[0]} calls itself synchronised, but nobody has corrected the kernel's clock for hours, or something else has set it since`;
    return { outcome: 'warn', code: 'contradicts', expected, detail };
  }
  const heard = answers.filter(([, answer]) => answer).map(([name]) => name);
  if (heard.length > 0)
    return alsoUnsynchronised(`${heard.join(' and ')} does not call itself synchronised either`);
  const detail = 'nobody has corrected the clock for hours, or something has set it since';
  return { outcome: 'warn', code: 'unsynchronised', expected, detail };
}
