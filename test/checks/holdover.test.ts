import { expect } from 'chai';
import { chronyTracking } from '../../src/checks/host/chronyTracking.js';
import type { ChronySource, ChronyTracking } from '../../src/facts/chrony.js';
import { known } from '../../src/facts/fact.js';
import { hostLeftOut } from '../../src/facts/host.js';
import { DEFAULT_THRESHOLDS } from '../../src/policy/thresholds.js';

const NOW = 1_800_000_000;
const tracking: ChronyTracking = {
  referenceId: 'C0000201',
  referenceName: '192.0.2.1',
  stratum: 3,
  referenceTimeSeconds: NOW - 60,
  systemOffsetSeconds: 0.0001,
  lastOffsetSeconds: 0.0001,
  rmsOffsetSeconds: 0.0001,
  frequencyPpm: 1,
  residualFrequencyPpm: 0,
  skewPpm: 0.1,
  rootDelaySeconds: 0.001,
  rootDispersionSeconds: 0.001,
  updateIntervalSeconds: 64,
  leapStatus: 'normal',
};
const source: ChronySource = {
  mode: 'server',
  state: 'selected',
  name: '192.0.2.1',
  stratum: 2,
  pollLog2Seconds: 6,
  reach: 255,
  lastSampleAgeSeconds: 60,
  offsetSeconds: 0,
  errorBoundSeconds: 0.001,
};

function verdict(ageSeconds: number, sources: Partial<ChronySource>[]): string {
  const answer = {
    daemon: 'answers',
    tracking: { ...tracking, referenceTimeSeconds: NOW - ageSeconds },
    sources: sources.map((it) => ({ ...source, ...it })),
    readAtSeconds: NOW,
  } as const;
  const host = { ...hostLeftOut('test'), chrony: known(answer, 'test') };
  const { outcome, code } = chronyTracking.evaluate(host, DEFAULT_THRESHOLDS);
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
