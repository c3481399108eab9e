import { expect } from 'chai';
import { chronySources } from '../../src/checks/host/chronySources.js';
import type { ChronySource } from '../../src/facts/chrony.js';
import { known, unknown } from '../../src/facts/fact.js';
import { DEFAULT_POLICY } from '../../src/policy/policy.js';
import { type Answers, answering, answerOf } from '../support/chronyAnswers.js';
import { findingOnHost, verdictOnHost } from '../support/hostVerdicts.js';

const PLACES = ['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8:1::1', '2001:db8:2::1'];
/** As many good sources, each in a network of its own. */
const good = (count: number): ChronySource[] =>
  PLACES.slice(0, count).map((name, index) => ({
    ...answering,
    name,
    state: index === 0 ? 'selected' : index === 1 ? 'combined' : 'not-combined',
  }));
const named = (names: readonly string[]) => names.map((name) => ({ ...answering, name }));
const silent: ChronySource = { ...answering, name: '192.0.2.99', state: 'unusable', reach: 0 };
const waiting: ChronySource = { ...answering, name: '192.0.2.98', state: 'unusable', reach: 1 };
const liar: ChronySource = { ...answering, name: '192.0.2.66', state: 'falseticker', offsetSeconds: -0.05 };
const noisy: ChronySource = { ...answering, name: '192.0.2.67', state: 'too-variable' };
const clock: ChronySource = { ...answering, mode: 'refclock', name: 'PHC0', stratum: 0 };

const facts = (sources: readonly ChronySource[], ...more: [Partial<Answers>?]) => ({
  chrony: known(answerOf({}, sources, ...more), 'test'),
});
const never = (sources: readonly ChronySource[]) => ({
  chrony: known(answerOf({ referenceId: '00000000', stratum: 0 }, sources), 'test'),
});

const cases: readonly [string, string, readonly ChronySource[]][] = [
  ['four in networks of their own', 'pass enough', good(4)],
  ['five of which one is silent', 'pass enough', [...good(4), silent]],
  ['three', 'info fewer-than-advised', good(3)],
  ['four of which one is silent', 'info fewer-than-advised', [...good(3), silent]],
  ['four of which one is too variable', 'info fewer-than-advised', [...good(3), noisy]],
  ['four of which one has just begun', 'info fewer-than-advised', [...good(3), waiting]],
  ['two', 'warn too-few', good(2)],
  ['one', 'warn too-few', good(1)],
  ['three of which one is silent', 'warn too-few', [...good(2), silent]],
  ['four that agree and one that lies', 'warn falseticker', [...good(4), liar]],
  ['one that lies beside a reference clock', 'warn falseticker', [clock, liar]],
  ['one that lied before it fell silent', 'pass enough', [...good(4), { ...liar, reach: 0 }]],
  ['none that answers', 'fail none-usable', [silent, silent]],
  ['none but liars', 'fail none-usable', [liar, { ...liar, name: '192.0.2.67' }]],
  ['none but one that is too variable', 'fail none-usable', [noisy]],
  ['none at all any more', 'fail none-usable', []],
  ['a reference clock', 'info reference-clock-only', [clock]],
  [
    'a PPS and the clock that numbers its seconds',
    'info reference-clock-only',
    [clock, { ...clock, name: 'NMEA' }],
  ],
  ['a reference clock and silent servers', 'info reference-clock-only', [clock, silent, silent]],
  ['a reference clock and a server', 'pass reference-clock', [clock, ...good(1)]],
  [
    'servers and a silent reference clock',
    'warn too-few',
    [...good(2), { ...clock, reach: 0, state: 'unusable' }],
  ],
  ['four in one /24', 'info one-network', named(['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.254'])],
  [
    'four in one /48',
    'info one-network',
    named(['2001:db8:1::1', '2001:DB8:1:2::1', '2001:0db8:0001:ffff::3', '2001:db8:1:0:0:0:0:9']),
  ],
  [
    'four in neighbouring networks',
    'pass enough',
    named(['192.0.2.1', '192.0.3.1', '192.0.4.1', '192.0.5.1']),
  ],
  [
    'four in neighbouring networks of IPv6',
    'pass enough',
    named(['2001:db8:1::1', '2001:db8:2::1', '2001:db8::1', '::1']),
  ],
  ['four of both families', 'pass enough', named(['192.0.2.1', '192.0.2.2', '192.0.2.3', '2001:db8::1'])],
  ['four whose names are no addresses', 'pass enough', named(['a', 'b', 'c', 'd'])],
];

describe('host/chrony-sources', () => {
  for (const [what, verdict, sources] of cases) {
    it(`gives ${verdict} for ${what}`, () => {
      expect(verdictOnHost(chronySources, facts(sources))).to.equal(verdict);
    });
  }

  it('leaves to host/chrony-tracking what that fails for already', () => {
    expect(verdictOnHost(chronySources, never([silent]))).to.equal('not-applicable not-synchronised');
    expect(verdictOnHost(chronySources, never([]))).to.equal('not-applicable not-synchronised');
    expect(verdictOnHost(chronySources, never(good(4)))).to.equal('pass enough');
    const chrony = known({ daemon: 'absent', evidence: 'nothing runs' } as const, 'test');
    expect(verdictOnHost(chronySources, { chrony })).to.equal('not-applicable daemon-absent');
  });

  it('leaves a clock to the daemon that sets it', () => {
    const timeDaemons = known(['phc2sys', 'ptp4l'], 'test');
    const watching = facts([silent], { steersClock: false });
    expect(verdictOnHost(chronySources, { ...watching, timeDaemons })).to.equal(
      'not-applicable other-daemon',
    );
    expect(verdictOnHost(chronySources, watching)).to.equal('fail none-usable');
    expect(verdictOnHost(chronySources, { ...facts([silent]), timeDaemons })).to.equal('fail none-usable');
  });

  it('is unknown when chronyd could not be asked', () => {
    const chrony = unknown('chronyc', 'socket-denied', 'may not');
    expect(verdictOnHost(chronySources, { chrony })).to.equal('unknown socket-denied');
  });

  it('names a falseticker with how far it is off, by the estimate where there is one', () => {
    const statistics = (samples: number) => ({
      sourceStatistics: [
        {
          name: liar.name,
          samples,
          runs: 3,
          spanSeconds: 100,
          frequencyPpm: 0,
          skewPpm: 1,
          offsetSeconds: 0.25,
          standardDeviationSeconds: 0.001,
        },
      ],
    });
    const detail = (...more: [Partial<Answers>?]) =>
      findingOnHost(chronySources, facts([...good(3), liar], ...more)).detail;
    const plain = 'chronyd finds a falseticker: 192.0.2.66 (50.0 ms ahead of this clock)';
    expect(detail()).to.equal(plain);
    expect(detail(statistics(3))).to.equal(plain);
    expect(detail(statistics(4))).to.contain('192.0.2.66 (250 ms behind this clock)');
  });

  it('names three of many', () => {
    const liars = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ ...liar, name }));
    const { detail } = findingOnHost(chronySources, facts([...good(4), ...liars]));
    expect(detail).to.match(/^chronyd finds falsetickers: a \(.*\), b \(.*\), c \(.*\) and 2 more$/);
  });

  it('tells what keeps the others from being usable', () => {
    const activity = { online: 2, offline: 1, burstOnline: 0, burstOffline: 1, unresolved: 4 };
    const told = (count: number) =>
      findingOnHost(chronySources, facts([...good(count), silent, noisy], { activity }));
    expect(told(2)).to.deep.include({
      observed: '2 of 4 sources usable',
      detail:
        'with fewer than 3, a wrong one cannot be outvoted; no answer from 192.0.2.99; too variable: 192.0.2.67; 2 set offline; 4 without an address: names that do not resolve, or places in a pool',
    });
    expect(findingOnHost(chronySources, facts([...good(4), waiting])).detail).to.equal(
      'not selectable, which chronyc selectdata tells the reason of: 192.0.2.98',
    );
    // A pool's empty places are nothing to speak of where there are sources enough.
    expect(told(4).detail).to.equal('no answer from 192.0.2.99; too variable: 192.0.2.67; 2 set offline');
    expect(findingOnHost(chronySources, facts(good(4))).detail).to.equal(undefined);
  });

  it('goes by the limits that the operator set', () => {
    const verdict = (count: number, hostSourcesWarn: number, hostSourcesAdvised: number) =>
      verdictOnHost(chronySources, facts(good(count)), [], {
        thresholds: { ...DEFAULT_POLICY.thresholds, hostSourcesWarn, hostSourcesAdvised },
      });
    expect(verdict(1, 1, 1)).to.equal('pass enough');
    expect(verdict(1, 1, 2)).to.equal('info fewer-than-advised');
    expect(verdict(4, 5, 6)).to.equal('warn too-few');
  });
});
