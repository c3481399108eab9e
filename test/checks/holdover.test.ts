import { expect } from 'chai';
import { chronyTracking } from '../../src/checks/host/chronyTracking.js';
import type { ChronySource, ChronyTracking } from '../../src/facts/chrony.js';
import { known } from '../../src/facts/fact.js';
import { hostLeftOut } from '../../src/facts/host.js';
import { DEFAULT_POLICY } from '../../src/policy/policy.js';
import { answering, answerOf, NOW } from '../support/chronyAnswers.js';

function verdict(ageSeconds: number, sources: Partial<ChronySource>[]): string {
  const answer = answerOf(
    { referenceTimeSeconds: NOW - ageSeconds },
    sources.map((it) => ({ ...answering, ...it })),
  );
  const host = { ...hostLeftOut('test'), chrony: known(answer, 'test') };
  const { outcome, code } = chronyTracking.evaluate(host, DEFAULT_POLICY, []);
  return `${outcome} ${code}`;
}

describe('holdover, which chronyd itself never admits', () => {
  it('is not seen while the selected source answers', () => {
    expect(verdict(60, [{}])).to.equal('pass synchronised');
    expect(verdict(2000, [{ pollLog2Seconds: 10 }])).to.equal('pass synchronised');
  });

  it('is seen when no source answers any more', () => {
    expect(verdict(60, [{ reach: 0, state: 'unusable' }])).to.equal('warn holdover');
  });

  it('is seen when sources answer but none is selected', () => {
    expect(verdict(900, [{ state: 'falseticker' }, { state: 'falseticker' }])).to.equal('warn holdover');
  });

  it('is seen by age, and a dead source with a long poll does not excuse it', () => {
    expect(verdict(1100, [{}])).to.equal('warn holdover');
    expect(verdict(25 * 3600, [{}, { reach: 0, state: 'unusable', pollLog2Seconds: 17 }])).to.equal(
      'warn holdover',
    );
  });

  function growth(tracking: Partial<ChronyTracking>): string | undefined {
    const answer = answerOf(tracking, [{ ...answering, reach: 0, state: 'unusable' }]);
    const host = { ...hostLeftOut('test'), chrony: known(answer, 'test') };
    return chronyTracking.evaluate(host, DEFAULT_POLICY, []).detail?.split('; ')[2];
  }

  it('tells how the bound on the error grows: by skew, residual frequency and maxclockerror', () => {
    const exact = { systemOffsetSeconds: 0, rootDelaySeconds: 0, rootDispersionSeconds: 0.028 };
    expect(growth({ ...exact, skewPpm: 0.5, residualFrequencyPpm: -0.5 })).to.equal(
      'the bound on the error is 28.0 ms and grows by about 7.20 ms an hour, to 100 ms in about 10 h',
    );
    expect(growth({ ...exact, skewPpm: 0, residualFrequencyPpm: 0 })).to.contain('3.60 ms an hour');
    expect(growth({ ...exact, skewPpm: 99, residualFrequencyPpm: 0 })).to.match(/360 ms an hour, .* 12 min$/);
    expect(growth({ ...exact, rootDispersionSeconds: 0.000001, skewPpm: 0 })).to.match(/ in about 28 h$/);
  });

  it('does not count the time to a limit that is behind', () => {
    expect(growth({ rootDispersionSeconds: 0.2, skewPpm: 0 })).to.match(/ms an hour$/);
  });
});
