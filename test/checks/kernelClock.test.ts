import { expect } from 'chai';
import { kernelClock } from '../../src/checks/host/kernelClock.js';
import { unknown } from '../../src/facts/fact.js';
import type { HostFacts } from '../../src/facts/host.js';
import { DEFAULT_POLICY } from '../../src/policy/policy.js';
import { NOW } from '../support/chronyAnswers.js';
import { findingOnHost, verdictOnHost } from '../support/hostVerdicts.js';
import {
  chrony,
  FLAG_ONLY,
  kernel,
  linuxptp,
  local,
  NOBODY,
  never,
  noChronyd,
  ntpd,
  running,
  SYNCHRONISED,
  timesyncd,
} from '../support/kernelSituations.js';

const unread = unknown('chronyc', 'chronyc-missing', 'chronyc is missing');

const cases: readonly (readonly [string, Partial<HostFacts>, string])[] = [
  ['both synchronised', { ...chrony(), ...kernel(SYNCHRONISED) }, 'pass agrees'],
  ['chronyd without rtcsync', { ...chrony(), ...kernel(FLAG_ONLY) }, 'info flag-left-set'],
  ['a clock that was set behind chronyd', { ...chrony(), ...kernel(NOBODY) }, 'info set-since'],
  ['a chronyd that may be elsewhere', { ...chrony({}, null), ...kernel(NOBODY) }, 'info other-chronyd'],
  [
    'a chronyd without measurements for ten hours',
    { ...chrony({ referenceTimeSeconds: NOW - 36_000 }), ...kernel(NOBODY) },
    'info unsynchronised-too',
  ],
  ['neither synchronised', { ...chrony(never), ...kernel(NOBODY) }, 'info unsynchronised-too'],
  ['a local stratum', { ...chrony(local), ...kernel(NOBODY) }, 'info unsynchronised-too'],
  [
    'a chronyd that has just started',
    { ...chrony(never), ...kernel(SYNCHRONISED) },
    'info still-synchronised',
  ],
  [
    'a chronyd -x alone',
    { ...chrony({}, false), ...running(), ...kernel(NOBODY) },
    'info unsynchronised-too',
  ],
  [
    'a chronyd -x in a container',
    { ...chrony({}, false), ...running(), ...kernel(SYNCHRONISED) },
    'info still-synchronised',
  ],
  [
    'a chronyd -x beside ntpd',
    { ...chrony({}, false), ...ntpd('none'), ...kernel(SYNCHRONISED) },
    'pass agrees',
  ],
  ['no daemon at all', { ...noChronyd, ...running(), ...kernel(NOBODY) }, 'info unsynchronised-too'],
  [
    'a daemon that has ended',
    { ...noChronyd, ...running(), ...kernel(SYNCHRONISED) },
    'info still-synchronised',
  ],
  ['timesyncd', { ...noChronyd, ...timesyncd(true), ...kernel(SYNCHRONISED) }, 'pass agrees'],
  [
    'timesyncd with a local RTC',
    { ...noChronyd, ...timesyncd(true), ...kernel(FLAG_ONLY) },
    'info flag-left-set',
  ],
  [
    'timesyncd without a server',
    { ...noChronyd, ...timesyncd(false), ...kernel(NOBODY) },
    'info unsynchronised-too',
  ],
  [
    'timesyncd against the kernel',
    { ...noChronyd, ...timesyncd(true), ...kernel(NOBODY) },
    'warn contradicts',
  ],
  ['ntpd against the kernel', { ...unreadChrony(), ...ntpd('none'), ...kernel(NOBODY) }, 'warn contradicts'],
  [
    'ntpd without peers',
    { ...unreadChrony(), ...ntpd('not-synchronised'), ...kernel(NOBODY) },
    'info unsynchronised-too',
  ],
  [
    'linuxptp against the kernel',
    { ...noChronyd, ...linuxptp('SLAVE'), ...kernel({ ...NOBODY, taiOffsetSeconds: 37 }) },
    'warn contradicts',
  ],
  [
    'linuxptp that listens',
    { ...noChronyd, ...linuxptp('LISTENING'), ...kernel({ ...NOBODY, taiOffsetSeconds: 37 }) },
    'info unsynchronised-too',
  ],
  [
    'a daemon that cannot be asked',
    { ...unreadChrony(), ...running('ntpd-rs'), ...kernel(NOBODY) },
    'warn unsynchronised',
  ],
  ['hidden processes', { ...unreadChrony(), ...kernel(NOBODY) }, 'warn unsynchronised'],
  ['hidden processes and a disciplined clock', { ...unreadChrony(), ...kernel(SYNCHRONISED) }, 'pass agrees'],
  ['hidden processes and the flag alone', { ...unreadChrony(), ...kernel(FLAG_ONLY) }, 'info flag-left-set'],
  ['100 ppm by chronyd', { ...chrony({ frequencyPpm: -100 }), ...kernel(SYNCHRONISED) }, 'pass agrees'],
  [
    'more than 100 ppm by chronyd',
    { ...chrony({ frequencyPpm: -100.2 }), ...kernel(SYNCHRONISED) },
    'warn frequency',
  ],
  [
    'a frequency that chronyd does not know yet',
    { ...chrony({ frequencyPpm: -250, skewPpm: 160 }), ...kernel(SYNCHRONISED) },
    'pass agrees',
  ],
  [
    'a clock that chronyd slews',
    { ...chrony(), ...kernel({ ...SYNCHRONISED, status: ['nano'], frequencyPpm: 50_000 }) },
    'pass agrees',
  ],
  [
    'a clock that phc2sys steers',
    {
      ...noChronyd,
      ...running('phc2sys'),
      ...kernel({ ...SYNCHRONISED, status: [], frequencyPpm: 900, taiOffsetSeconds: 37 }),
    },
    'pass agrees',
  ],
  [
    'more than 100 ppm by ntpd',
    { ...noChronyd, ...ntpd('none'), ...kernel({ ...SYNCHRONISED, frequencyPpm: 101 }) },
    'warn frequency',
  ],
  [
    'all that ntpd can correct',
    { ...noChronyd, ...ntpd('none'), ...kernel({ ...SYNCHRONISED, frequencyPpm: -500 }) },
    'fail frequency-limit',
  ],
  ['PTP without TAI', { ...noChronyd, ...linuxptp('SLAVE'), ...kernel(SYNCHRONISED) }, 'info tai-unset'],
];

function unreadChrony() {
  return { chrony: unread };
}

describe('host/kernel-clock', () => {
  for (const [what, facts, verdict] of cases) {
    it(`gives ${verdict} for ${what}`, () => expect(verdictOnHost(kernelClock, facts)).to.equal(verdict));
  }

  it('says what it saw', () => {
    const { observed } = findingOnHost(kernelClock, {
      ...chrony(),
      ...kernel({ ...SYNCHRONISED, taiOffsetSeconds: 37 }),
    });
    expect(observed).to.equal(
      "the kernel's clock is synchronised, at most 0.020 s off, its frequency corrected by -12.3 ppm, TAI - UTC 37 s",
    );
    expect(findingOnHost(kernelClock, { ...chrony(never), ...kernel(NOBODY) }).observed).to.equal(
      "the kernel's clock is not synchronised (STA_UNSYNC), at most 16.0 s off, its frequency corrected by +0.0 ppm",
    );
  });

  it('explains the flag by who leaves it', () => {
    const detail = (facts: Partial<HostFacts>) =>
      findingOnHost(kernelClock, { ...facts, ...kernel(FLAG_ONLY) }).detail;
    expect(detail(chrony())).to.contain('as chronyd does without rtcsync');
    expect(detail({ ...noChronyd, ...timesyncd(true) })).to.contain('hardware clock keeps local time');
    expect(detail({ ...noChronyd, ...running('sfptpd') })).to.contain('as a daemon may');
  });

  it('tells which way the clock runs by itself', () => {
    const detail = (facts: Partial<HostFacts>) => findingOnHost(kernelClock, facts).detail;
    expect(detail({ ...chrony({ frequencyPpm: 150 }), ...kernel(SYNCHRONISED) })).to.contain(
      '150.0 ppm fast',
    );
    const corrected = kernel({ ...SYNCHRONISED, frequencyPpm: 150 });
    expect(detail({ ...noChronyd, ...running('ntpd'), ...corrected })).to.contain('150.0 ppm slow');
  });

  it('says the worst first, and all of it', () => {
    const facts = { ...chrony({ frequencyPpm: 150 }), ...kernel(FLAG_ONLY) };
    const finding = findingOnHost(kernelClock, facts);
    expect(finding).to.deep.include({ outcome: 'warn', code: 'frequency' });
    expect(finding.detail).to.match(/150\.0 ppm fast; .*rtcsync/);
  });

  it('goes by the limit of the policy', () => {
    const facts = { ...chrony({ frequencyPpm: 60 }), ...kernel(SYNCHRONISED) };
    expect(verdictOnHost(kernelClock, facts)).to.equal('pass agrees');
    expect(verdictOnHost(kernelClock, facts, [], withLimit(50))).to.equal('warn frequency');
  });

  it('is unknown where the kernel could not be asked', () => {
    const refused = unknown('adjtimex', 'adjtimex-denied', 'refused');
    expect(verdictOnHost(kernelClock, { ...chrony(), kernelClock: refused })).to.equal(
      'unknown adjtimex-denied',
    );
  });
});

function withLimit(hostFrequencyWarnPpm: number) {
  return { thresholds: { ...DEFAULT_POLICY.thresholds, hostFrequencyWarnPpm } };
}
