import { expect } from 'chai';
import { chronyTracking } from '../../src/checks/host/chronyTracking.js';
import type { ChronySource } from '../../src/facts/chrony.js';
import { known } from '../../src/facts/fact.js';
import { hostLeftOut } from '../../src/facts/host.js';
import { DEFAULT_POLICY } from '../../src/policy/policy.js';
import { answering, healthy, NOW } from '../support/chronyAnswers.js';

function verdict(ageSeconds: number, sources: Partial<ChronySource>[]): string {
  const answer = {
    daemon: 'answers',
    tracking: { ...healthy, referenceTimeSeconds: NOW - ageSeconds },
    sources: sources.map((it) => ({ ...answering, ...it })),
    readAtSeconds: NOW,
  } as const;
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
});
