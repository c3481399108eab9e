import {
  type ChronyAnswer,
  type ChronySource,
  type ChronyTracking,
  rootDistanceSeconds,
} from '../../facts/chrony.js';
import type { Thresholds } from '../../policy/thresholds.js';
import { given, type HostCheck, type Verdict } from '../check.js';
import { holdover } from './holdover.js';
import { kernelWitness } from './kernelWitness.js';
import { milliseconds as ms } from './milliseconds.js';
import { otherDiscipline } from './otherDiscipline.js';

type Answer = Extract<ChronyAnswer, { daemon: 'answers' }>;

const NEVER_SYNCHRONISED = '00000000';
/** 127.127.1.1 in hexadecimal: chronyd serves its own clock (the `local` directive). */
const LOCAL_STRATUM = '7F7F0101';

export const chronyTracking: HostCheck = {
  id: 'host/chrony-tracking',
  scope: 'host',
  title: "The host's clock is synchronised",
  failureTitle: "The host's clock is not well synchronised",
  rationale:
    "A guest is only as right as its host: the RTC, ptp_kvm and every time that libvirt sets in a guest are the host's. chronyd's own words need reading with care: it exits with 0 when it never synchronised, its leap status stays Normal for ever after its sources are lost, and with only a local stratum it looks perfect. The bound on the error is |system time| + root dispersion + root delay / 2.",
  outcomes: {
    pass: 'Synchronised to a source, fresh, and within the limits.',
    warn: 'Holdover (the sources are lost, or chronyd selects none), an offset above 5 ms (hostOffsetWarnSeconds), a root distance above 10 ms (hostRootDistanceWarnSeconds), or a stratum of 10 or more (hostStratumWarn).',
    fail: 'Never synchronised, only a local stratum, leap status not synchronised, an offset above 50 ms (hostOffsetFailSeconds), a root distance above 100 ms (hostRootDistanceFailSeconds), or no time daemon at all.',
    unknown:
      'chronyc is missing, hangs, may not use the socket, or prints what cannot be understood; or a daemon keeps the time that this audit cannot ask.',
    'not-applicable':
      'systemd-timesyncd, ntpd or linuxptp sets the clock, and chronyd does not run; or it runs with -x beside them, and follows no source. Their own checks judge them.',
  },
  fix: "Where no time daemon runs, install chrony and start it. Give chronyd at least three, better four sources that answer (chronyc sources), and rtcsync and makestep in chrony.conf. After lost sources: repair the network path first; 'chronyc online' after it was offline.",
  references: [
    { title: 'chronyc(1), tracking and sources', url: 'https://chrony-project.org/doc/4.6/chronyc.html' },
    {
      title: 'RFC 8633, Network Time Protocol Best Current Practices',
      url: 'https://www.rfc-editor.org/rfc/rfc8633',
    },
  ],
  needs: ['chrony'],
  evaluate(host, { thresholds }): Verdict {
    const answer = given(host.chrony);
    const other = otherDiscipline(host);
    if (answer.daemon === 'absent') {
      if (other) return elsewhere(`chronyd does not run; ${other}`);
      const kernel = kernelWitness(host);
      return {
        outcome: 'fail',
        code: 'daemon-absent',
        observed: answer.evidence,
        expected: 'chronyd, running',
        ...(kernel && { detail: kernel.said }),
      };
    }
    const unsynchronised = notSynchronised(answer);
    // A chronyd that only serves time, beside the daemon that sets the clock, follows nothing and need not.
    if (unsynchronised && other && answer.steersClock === false)
      return elsewhere(`chronyd does not set the clock (-x); ${other}`);
    return {
      observed: describe(answer),
      ...(unsynchronised ?? lostOrFarOff(answer, thresholds) ?? SYNCHRONISED),
    };
  },
};

function elsewhere(observed: string): Verdict {
  return { outcome: 'not-applicable', code: 'other-daemon', observed };
}

type Judgement = Omit<Verdict, 'observed'>;

/** What chronyd itself, or its reference, shows to be no synchronisation at all. */
export function notSynchronised({ tracking }: Pick<Answer, 'tracking'>): Judgement | null {
  const expected = 'a source that chronyd selected';
  const fail = (code: string, detail: string): Judgement => ({ outcome: 'fail', code, expected, detail });
  const { referenceId, leapStatus, stratum } = tracking;
  if (referenceId === NEVER_SYNCHRONISED)
    return fail('never-synchronised', 'chronyd never had a usable source');
  if (leapStatus === 'not-synchronised')
    return fail('leap-not-synchronised', 'chronyd itself says that it is not synchronised');
  if (referenceId === LOCAL_STRATUM) {
    return fail(
      'local-stratum-only',
      "chronyd follows nothing but this machine's own clock (local in chrony.conf)",
    );
  }
  if (stratum === 0 || stratum >= 16) return fail('stratum-invalid', 'a stratum that means not synchronised');
  return null;
}

function lostOrFarOff(answer: Answer, limits: Thresholds): Judgement | null {
  const { tracking } = answer;
  const offset = Math.abs(tracking.systemOffsetSeconds);
  const distance = rootDistanceSeconds(tracking);
  const lost = holdover(answer, limits);
  if (offset > limits.hostOffsetFailSeconds) {
    return { outcome: 'fail', code: 'offset', expected: `at most ${ms(limits.hostOffsetFailSeconds)} off` };
  }
  if (distance > limits.hostRootDistanceFailSeconds) {
    const expected = `a root distance of at most ${ms(limits.hostRootDistanceFailSeconds)}`;
    return {
      outcome: 'fail',
      code: lost ? 'holdover' : 'root-distance',
      expected,
      ...(lost && { detail: lost }),
    };
  }
  if (lost)
    return { outcome: 'warn', code: 'holdover', expected: 'a source that still answers', detail: lost };
  if (offset > limits.hostOffsetWarnSeconds) {
    return { outcome: 'warn', code: 'offset', expected: `at most ${ms(limits.hostOffsetWarnSeconds)} off` };
  }
  if (distance > limits.hostRootDistanceWarnSeconds) {
    const expected = `a root distance of at most ${ms(limits.hostRootDistanceWarnSeconds)}`;
    return { outcome: 'warn', code: 'root-distance', expected };
  }
  if (tracking.stratum >= limits.hostStratumWarn) {
    return { outcome: 'warn', code: 'stratum-high', expected: `a stratum below ${limits.hostStratumWarn}` };
  }
  return null;
}

const SYNCHRONISED: Judgement = { outcome: 'pass', code: 'synchronised' };

function describe({ tracking, sources }: Answer): string {
  const parts = [
    `stratum ${tracking.stratum}`,
    reference(tracking, sources),
    `${ms(Math.abs(tracking.systemOffsetSeconds))} ${tracking.systemOffsetSeconds < 0 ? 'behind' : 'ahead'}`,
    `root distance ${ms(rootDistanceSeconds(tracking))}`,
  ];
  return parts.join(', ');
}

function reference({ referenceId, referenceName }: ChronyTracking, sources: readonly ChronySource[]): string {
  const reachable = sources.filter(({ reach }) => reach !== 0).length;
  return `reference ${referenceName || referenceId}, ${reachable} of ${sources.length} sources reachable`;
}
