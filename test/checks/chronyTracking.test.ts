import { expect } from 'chai';
import { evaluateHost } from '../../src/checks/engine.js';
import type { Finding } from '../../src/checks/finding.js';
import { chronyTracking } from '../../src/checks/host/chronyTracking.js';
import type { ChronyAnswer, ChronySource, ChronyTracking } from '../../src/facts/chrony.js';
import { type Fact, known, unknown } from '../../src/facts/fact.js';
import { type HostFacts, hostLeftOut } from '../../src/facts/host.js';
import { DEFAULT_POLICY } from '../../src/policy/policy.js';
import { answering, answerOf, kernelBound, NOW } from '../support/chronyAnswers.js';
import { findingOnHost, verdictOnHost } from '../support/hostVerdicts.js';

const silent: ChronySource = { ...answering, state: 'unusable', reach: 0 };

function judge(fact: Fact<ChronyAnswer>): Finding {
  const host = { ...hostLeftOut('not looked at'), chrony: fact };
  return evaluateHost(chronyTracking, host, DEFAULT_POLICY);
}

function judgeAnswer(
  tracking: Partial<ChronyTracking>,
  sources: readonly ChronySource[] = [answering],
): Finding {
  return judge(known(answerOf(tracking, sources), 'the test'));
}

/** A root distance of exactly that, with nothing else amiss. */
const distance = (seconds: number) => ({
  systemOffsetSeconds: 0,
  rootDelaySeconds: 0,
  rootDispersionSeconds: seconds,
});
const offset = (seconds: number) => ({ ...distance(0), systemOffsetSeconds: seconds });
const age = (seconds: number) => ({ referenceTimeSeconds: NOW - seconds });

const cases: readonly [string, string, Partial<ChronyTracking>, ChronySource[]?][] = [
  ['a fresh answer within all limits', 'pass synchronised', {}],
  ['no source that was ever usable', 'fail never-synchronised', { referenceId: '00000000', stratum: 0 }],
  ['only its own clock to follow', 'fail local-stratum-only', { referenceId: '7F7F0101' }],
  ['a leap status of not synchronised', 'fail leap-not-synchronised', { leapStatus: 'not-synchronised' }],
  ['stratum 0', 'fail stratum-invalid', { stratum: 0 }],
  ['stratum 9', 'pass synchronised', { stratum: 9 }],
  ['stratum 10', 'warn stratum-high', { stratum: 10 }],
  ['stratum 15', 'warn stratum-high', { stratum: 15 }],
  ['stratum 16', 'fail stratum-invalid', { stratum: 16 }],
  ['an offset of just 5 ms', 'pass synchronised', offset(0.005)],
  ['an offset above 5 ms', 'warn offset', offset(0.00501)],
  ['an offset above 5 ms behind', 'warn offset', offset(-0.00501)],
  ['an offset of just 50 ms', 'warn offset', offset(0.05)],
  ['an offset above 50 ms', 'fail offset', offset(0.0501)],
  ['an offset above 50 ms behind', 'fail offset', offset(-0.0501)],
  ['a root distance of just 10 ms', 'pass synchronised', distance(0.01)],
  ['a root distance above 10 ms', 'warn root-distance', distance(0.0101)],
  ['a root distance of just 100 ms', 'warn root-distance', distance(0.1)],
  ['a root distance above 100 ms', 'fail root-distance', distance(0.101)],
  ['half of a root delay above 10 ms', 'warn root-distance', { ...distance(0), rootDelaySeconds: 0.021 }],
  ['a root delay of 20 ms', 'pass synchronised', { ...distance(0), rootDelaySeconds: 0.02 }],
  ['sources of which one answers', 'pass synchronised', {}, [silent, answering]],
  ['sources of which none answers', 'warn holdover', {}, [silent, silent]],
  ['no sources left, but a fresh measurement', 'pass synchronised', {}, []],
  ['a measurement 1024 s old', 'pass synchronised', age(1024)],
  ['a measurement 1025 s old', 'warn holdover', age(1025)],
  [
    'one that three long polls explain',
    'pass synchronised',
    age(3072),
    [{ ...answering, pollLog2Seconds: 10 }],
  ],
  ['one that they do not', 'warn holdover', age(3073), [{ ...answering, pollLog2Seconds: 10 }]],
  ['lost sources and a far root distance', 'fail holdover', distance(0.2), [silent]],
  ['lost sources and a far offset', 'fail offset', offset(0.2), [silent]],
];

describe('host/chrony-tracking', () => {
  for (const [what, verdict, tracking, sources] of cases) {
    it(`gives ${verdict} for ${what}`, () => {
      const { outcome, code, expected } = judgeAnswer(tracking, sources);
      expect(`${outcome} ${code}`).to.equal(verdict);
      expect(expected !== undefined, 'says what would pass').to.equal(outcome !== 'pass');
    });
  }

  it('passes on the day of a leap second, which is for host/leap-second to tell', () => {
    for (const leapStatus of ['insert-second', 'delete-second'] as const) {
      expect(judgeAnswer({ leapStatus })).to.deep.include({ outcome: 'pass', code: 'synchronised' });
    }
  });

  it('says what it saw, with the direction of the offset', () => {
    expect(judgeAnswer({ systemOffsetSeconds: -0.0002 }, [answering, silent]).observed).to.equal(
      'stratum 3, reference 192.0.2.1, 1 of 2 sources reachable, 0.200 ms behind, root distance 1.70 ms',
    );
    expect(judgeAnswer({ systemOffsetSeconds: 0.2 }).observed).to.contain('200 ms ahead');
  });

  it('tells how old the last measurement is in holdover', () => {
    const { detail } = judgeAnswer(age(5000), [silent]);
    expect(detail).to.match(
      /^its only source answers no more; the last measurement is 5000 s old; the bound /,
    );
    const shown = (sources: ChronySource[]) => judgeAnswer(age(5000), sources).detail?.split(';')[0];
    expect(shown([silent, silent])).to.equal('none of its 2 sources answers any more');
    const wrong: ChronySource = { ...answering, state: 'falseticker' };
    expect(shown([wrong])).to.equal('chronyd does not select its only source');
    expect(shown([wrong, wrong])).to.equal('chronyd selects none of its 2 sources');
  });

  it('leaves a clock to the check of the daemon that sets it', () => {
    const absent = known({ daemon: 'absent', evidence: 'nothing answers' } as const, 'the test');
    const serving = known(answerOf({ referenceId: '7F7F0101' }, [], { steersClock: false }), 'the test');
    for (const [daemons, check] of [
      [['systemd-timesyncd'], 'host/timesyncd'],
      [['ntpd'], 'host/ntpd'],
      [['phc2sys', 'ptp4l'], 'host/linuxptp'],
    ] as const) {
      const facts = { timeDaemons: known(daemons, 'the test') };
      for (const chrony of [absent, serving]) {
        const finding = findingOnHost(chronyTracking, { ...facts, chrony });
        expect(finding).to.deep.include({ outcome: 'not-applicable', code: 'other-daemon' });
        expect(finding.observed).to.match(
          new RegExp(`${daemons.join(' and ')} may set the clock; see ${check}$`),
        );
      }
    }
  });

  it('judges chronyd wherever it is what sets the clock, or says how far off it is', () => {
    const running = (...names: string[]) => ({ timeDaemons: known(names, 'the test') });
    const verdict = (facts: Partial<HostFacts>) => verdictOnHost(chronyTracking, facts);
    const absent = known({ daemon: 'absent', evidence: 'nothing answers' } as const, 'the test');
    expect(verdict({ chrony: absent, ...running() })).to.equal('fail daemon-absent');
    expect(verdict({ chrony: absent, ...running('chronyd') })).to.equal('fail daemon-absent');
    const local = (steersClock: boolean | null) => ({
      chrony: known(answerOf({ referenceId: '7F7F0101' }, [], { steersClock }), 'the test'),
    });
    expect(verdict({ ...local(true), ...running('chronyd', 'ntpd') })).to.equal('fail local-stratum-only');
    expect(verdict({ ...local(null), ...running('chronyd', 'ntpd') })).to.equal('fail local-stratum-only');
    expect(verdict({ ...local(false), ...running() })).to.equal('fail local-stratum-only');
    const off = known(
      answerOf({ systemOffsetSeconds: 0.2 }, [answering], { steersClock: false }),
      'the test',
    );
    expect(verdict({ chrony: off, ...running('ntpd') })).to.equal('fail offset');
  });

  it('fails without any time daemon', () => {
    const finding = judge(known({ daemon: 'absent', evidence: 'nothing runs' }, 'the test'));
    expect(finding).to.deep.include({ outcome: 'fail', code: 'daemon-absent', observed: 'nothing runs' });
    expect(finding.detail).to.equal(undefined);
  });

  it('says without a daemon what the kernel knows of who corrects the clock', () => {
    const chrony = known({ daemon: 'absent', evidence: 'nothing runs' } as const, 'the test');
    const detail = (maxErrorSeconds: number) =>
      findingOnHost(chronyTracking, { chrony, kernelClock: known(kernelBound(maxErrorSeconds), 'the test') })
        .detail;
    expect(detail(16)).to.equal(
      "the kernel's bound on the error is 16 s: nobody has corrected the clock for hours",
    );
    expect(detail(0.0123456)).to.match(
      /^the kernel's bound on the error is 0\.0123 s: somebody who is not seen /,
    );
  });

  it('is unknown, with the cause, when chronyd could not be asked', () => {
    const finding = judge(unknown('chronyc', 'socket-denied', 'may not'));
    expect(finding).to.deep.include({ outcome: 'unknown', code: 'socket-denied', observed: 'may not' });
  });

  it('does not apply to a host that was left out', () => {
    const finding = evaluateHost(chronyTracking, hostLeftOut('nobody asked'), DEFAULT_POLICY);
    expect(finding).to.deep.include({ outcome: 'not-applicable', observed: 'nobody asked' });
  });
});
