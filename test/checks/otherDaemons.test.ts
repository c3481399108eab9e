import { expect } from 'chai';
import { linuxptp } from '../../src/checks/host/linuxptp.js';
import { ntpd } from '../../src/checks/host/ntpd.js';
import { timeDaemons } from '../../src/checks/host/timeDaemons.js';
import { timesyncd } from '../../src/checks/host/timesyncd.js';
import type { ChronyAnswer } from '../../src/facts/chrony.js';
import { known, unknown } from '../../src/facts/fact.js';
import type { LinuxptpAnswer, NtpAnswer, NtpPeer, TimesyncdAnswer } from '../../src/facts/timeDaemons.js';
import { answering, healthy, NOW } from '../support/chronyAnswers.js';
import { findingOnHost, verdictOnHost } from '../support/hostVerdicts.js';

const unread = unknown('the test', 'not-there', 'it is not there');
const running = (...names: string[]) => ({ timeDaemons: known(names, '/proc') });

const PEER: NtpPeer = { name: '192.0.2.1', state: 'selected', stratum: 1, reach: 0o377, offsetSeconds: 0 };
const ANSWER: NtpAnswer = {
  stratum: 2,
  leap: 'none',
  referenceId: '192.0.2.1',
  offsetSeconds: 0.0001,
  rootDelaySeconds: 0.002,
  rootDispersionSeconds: 0.004,
  jitterSeconds: 0.00001,
  lastUpdateAgeSeconds: 30,
  peers: [
    PEER,
    { ...PEER, name: '192.0.2.2', state: 'combined' },
    { ...PEER, name: '192.0.2.3', state: 'combined' },
  ],
};
const ofNtpd = (part: Partial<NtpAnswer>) => ({ ntpd: known({ ...ANSWER, ...part }, 'ntpq') });
const silent = ANSWER.peers.map((peer) => ({ ...peer, state: 'unusable' as const, reach: 0 }));

describe('host/ntpd', () => {
  const cases: readonly [string, string, Partial<NtpAnswer>][] = [
    ['a fresh answer within all limits', 'pass synchronised', {}],
    ['stratum 16', 'fail never-synchronised', { stratum: 16, leap: 'not-synchronised', referenceId: 'INIT' }],
    ['leap status not synchronised', 'fail leap-not-synchronised', { leap: 'not-synchronised' }],
    ['an announced leap second', 'pass synchronised', { leap: 'insert-second' }],
    ["the local clock's driver", 'fail local-clock-only', { referenceId: 'LOCAL(0)' }],
    ["the local clock's driver in ntpsec", 'fail local-clock-only', { referenceId: 'LOCL' }],
    ['orphan mode', 'fail local-clock-only', { referenceId: '127.0.0.1' }],
    ['the local clock as a peer', 'fail local-clock-only', { peers: [{ ...PEER, name: 'LOCAL(0)' }] }],
    ['a GNSS receiver', 'pass synchronised', { referenceId: 'GPS', peers: [{ ...PEER, name: 'NMEA(0)' }] }],
    ['an offset of just 5 ms', 'pass synchronised', { offsetSeconds: -0.005 }],
    ['an offset above 5 ms', 'warn offset', { offsetSeconds: -0.0051 }],
    ['an offset of just 50 ms', 'warn offset', { offsetSeconds: 0.05 }],
    ['an offset above 50 ms', 'fail offset', { offsetSeconds: 0.0501 }],
    [
      'a root distance of just 10 ms',
      'pass synchronised',
      { rootDispersionSeconds: 0.009, lastUpdateAgeSeconds: 0 },
    ],
    [
      'a root distance above 10 ms',
      'warn root-distance',
      { rootDispersionSeconds: 0.0091, lastUpdateAgeSeconds: 0 },
    ],
    [
      'one that only grew since the last poll',
      'pass synchronised',
      { rootDispersionSeconds: 0.024, lastUpdateAgeSeconds: 1024 },
    ],
    [
      'a root distance above 100 ms',
      'fail root-distance',
      { rootDispersionSeconds: 0.0991, lastUpdateAgeSeconds: 6000 },
    ],
    ['a stratum of 9', 'pass synchronised', { stratum: 9 }],
    ['a stratum of 10', 'warn stratum-high', { stratum: 10 }],
    ['servers that are silent', 'warn holdover', { peers: silent, rootDispersionSeconds: 8 }],
    ['servers that are silent for two hours', 'fail holdover', { peers: silent, lastUpdateAgeSeconds: 7200 }],
    ['silent servers and an offset', 'fail holdover', { peers: silent, offsetSeconds: 0.06 }],
    ['servers of which none is selected', 'warn holdover', { peers: [{ ...PEER, state: 'falseticker' }] }],
    ['no servers', 'warn holdover', { peers: [], lastUpdateAgeSeconds: null }],
  ];
  for (const [what, verdict, part] of cases) {
    it(`gives ${verdict} for ${what}`, () => expect(verdictOnHost(ntpd, ofNtpd(part))).to.equal(verdict));
  }

  it('says what it saw, and what is weak about it', () => {
    const good = findingOnHost(ntpd, ofNtpd({}));
    expect(good.observed).to.equal(
      'ntpd: stratum 2, reference 192.0.2.1, 3 of 3 servers reachable, 0.100 ms ahead, root distance 5.00 ms',
    );
    expect(good.detail).to.equal(undefined);
    expect(findingOnHost(ntpd, ofNtpd({ peers: [PEER] })).detail).to.contain('fewer than 3');
    const liar: NtpPeer = { ...PEER, name: '192.0.2.9', state: 'falseticker' };
    expect(findingOnHost(ntpd, ofNtpd({ peers: [...ANSWER.peers, liar] })).detail).to.contain('192.0.2.9');
    expect(findingOnHost(ntpd, ofNtpd({ offsetSeconds: -0.02 })).observed).to.contain('20.0 ms behind');
  });

  it('does not apply where it does not run, and is unknown where it could not be asked', () => {
    expect(verdictOnHost(ntpd, { ntpd: known(null, '/proc') })).to.equal('not-applicable not-running');
    expect(verdictOnHost(ntpd, { ntpd: unread })).to.equal('unknown not-there');
    expect(verdictOnHost(ntpd, {})).to.equal('not-applicable left-out');
  });
});

describe('host/timesyncd', () => {
  const packet = {
    ...{ stratum: 2, leap: 0, offsetSeconds: 0.001, rootDelaySeconds: 0.001, rootDispersionSeconds: 0.001 },
    ...{ delaySeconds: 0.001, jitterSeconds: 0.0001, packetCount: 9, ageSeconds: 100 },
  };
  const answer: TimesyncdAnswer = {
    ...{ synchronised: true, serverName: 'ntp.example.org', serverAddress: '192.0.2.1' },
    ...{ pollIntervalSeconds: 2048, lastPacket: packet },
  };
  const ofTimesyncd = (part: Partial<typeof packet>, more: Partial<TimesyncdAnswer> = {}) => ({
    timesyncd: known({ ...answer, lastPacket: { ...packet, ...part }, ...more }, 'busctl'),
  });

  for (const [what, verdict, facts] of [
    ['a fresh packet within all limits', 'info single-server', ofTimesyncd({})],
    ['no packet', 'fail never-synchronised', ofTimesyncd({}, { lastPacket: null })],
    ['packets that it did not believe', 'fail never-synchronised', ofTimesyncd({}, { synchronised: false })],
    ['a server that is not synchronised', 'fail server-not-synchronised', ofTimesyncd({ leap: 3 })],
    ['a server of stratum 0', 'fail server-not-synchronised', ofTimesyncd({ stratum: 0 })],
    ['a server of stratum 16', 'fail server-not-synchronised', ofTimesyncd({ stratum: 16 })],
    ['a server of stratum 10', 'warn stratum-high', ofTimesyncd({ stratum: 10 })],
    ['an offset above 5 ms', 'warn offset', ofTimesyncd({ offsetSeconds: -0.0051 })],
    ['an offset above 50 ms', 'fail offset', ofTimesyncd({ offsetSeconds: 0.0501 })],
    ['a root distance above 10 ms', 'warn root-distance', ofTimesyncd({ delaySeconds: 0.02 })],
    ['a root distance above 100 ms', 'fail root-distance', ofTimesyncd({ rootDispersionSeconds: 0.1 })],
    ['two packets lost', 'info single-server', ofTimesyncd({ ageSeconds: 6144 })],
    ['three packets lost', 'warn holdover', ofTimesyncd({ ageSeconds: 6145 })],
    ['three packets lost, far off', 'fail holdover', ofTimesyncd({ ageSeconds: 6145, offsetSeconds: 0.06 })],
    [
      'a short interval',
      'info single-server',
      ofTimesyncd({ ageSeconds: 1000 }, { pollIntervalSeconds: 32 }),
    ],
    ['no interval', 'warn holdover', ofTimesyncd({ ageSeconds: 1025 }, { pollIntervalSeconds: null })],
  ] as const) {
    it(`gives ${verdict} for ${what}`, () => expect(verdictOnHost(timesyncd, facts)).to.equal(verdict));
  }

  it('says what it saw', () => {
    const finding = findingOnHost(timesyncd, ofTimesyncd({}));
    expect(finding.observed).to.equal(
      'systemd-timesyncd: server ntp.example.org at stratum 2, 1.00 ms ahead at the last packet, 100 s ago, root distance 3.00 ms',
    );
    expect(finding.detail).to.contain('one server at a time');
  });

  it('does not apply where it does not run, and is unknown where it could not be asked', () => {
    expect(verdictOnHost(timesyncd, { timesyncd: known(null, '/proc') })).to.equal(
      'not-applicable not-running',
    );
    expect(verdictOnHost(timesyncd, { timesyncd: unread })).to.equal('unknown not-there');
  });
});

describe('host/linuxptp', () => {
  const answer: LinuxptpAnswer = {
    ...{ portStates: ['SLAVE'], grandmasterPresent: true, masterOffsetSeconds: 0.000001 },
    ...{ systemClockBy: 'phc2sys -a -r', systemClockFrom: null },
  };
  const ofLinuxptp = (part: Partial<LinuxptpAnswer>, ...daemons: string[]) => ({
    linuxptp: known({ ...answer, ...part }, 'pmc'),
    ...running(...(daemons.length > 0 ? daemons : ['phc2sys', 'ptp4l'])),
  });
  const free = { systemClockBy: null, portStates: null, grandmasterPresent: null, masterOffsetSeconds: null };
  const unasked = { portStates: null, grandmasterPresent: null, masterOffsetSeconds: null };

  for (const [what, verdict, facts] of [
    ['a port in SLAVE', 'pass follows-master', ofLinuxptp({})],
    ['a boundary clock', 'pass follows-master', ofLinuxptp({ portStates: ['MASTER', 'SLAVE', 'FAULTY'] })],
    ['an offset above 5 ms', 'warn offset', ofLinuxptp({ masterOffsetSeconds: -0.0051 })],
    ['an offset above 50 ms', 'fail offset', ofLinuxptp({ masterOffsetSeconds: 0.0501 })],
    ['a port that is calibrating', 'warn calibrating', ofLinuxptp({ portStates: ['UNCALIBRATED'] })],
    ['no master', 'fail no-master', ofLinuxptp({ portStates: ['LISTENING'] })],
    ['a port that became master', 'fail no-master', ofLinuxptp({ portStates: ['MASTER', 'FAULTY'] })],
    [
      'a master with ts2phc',
      'info source-unseen',
      ofLinuxptp({ portStates: ['MASTER'] }, 'phc2sys', 'ptp4l', 'ts2phc'),
    ],
    ['phc2sys without ptp4l', 'info source-unseen', ofLinuxptp(unasked, 'phc2sys')],
    [
      'a master beside chronyd',
      'not-applicable not-steering',
      ofLinuxptp({ portStates: ['MASTER'] }, 'chronyd', 'phc2sys', 'ptp4l'),
    ],
    [
      'a master whose phc2sys follows a clock all the same',
      'warn no-master',
      ofLinuxptp({ portStates: ['MASTER'], systemClockFrom: 'eth0' }, 'chronyd', 'phc2sys', 'ptp4l'),
    ],
    [
      'no master beside chronyd',
      'warn no-master',
      ofLinuxptp({ portStates: ['LISTENING', 'FAULTY'] }, 'chronyd', 'phc2sys', 'ptp4l'),
    ],
    ['ptp4l alone', 'fail system-clock-free', ofLinuxptp(free, 'ptp4l')],
    ['ptp4l beside chronyd', 'not-applicable not-steering', ofLinuxptp(free, 'chronyd', 'ptp4l')],
    ['ptp4l beside ntpd-rs', 'not-applicable not-steering', ofLinuxptp(free, 'ntpd-rs', 'ptp4l')],
  ] as const) {
    it(`gives ${verdict} for ${what}`, () => expect(verdictOnHost(linuxptp, facts)).to.equal(verdict));
  }

  it('says what it saw', () => {
    expect(findingOnHost(linuxptp, ofLinuxptp({})).observed).to.equal(
      'phc2sys -a -r steers the system clock; ptp4l: its port is SLAVE, 1.000 us ahead of its master',
    );
    expect(findingOnHost(linuxptp, ofLinuxptp(free, 'ptp4l', 'timemaster')).observed).to.contain(
      'ptp4l and timemaster run',
    );
  });

  it('does not apply where it does not run, and is unknown where it could not be asked', () => {
    expect(verdictOnHost(linuxptp, { linuxptp: known(null, '/proc') })).to.equal(
      'not-applicable not-running',
    );
    expect(verdictOnHost(linuxptp, { linuxptp: unread })).to.equal('unknown not-there');
  });

  describe('tells host/time-daemons', () => {
    const both = (systemClockBy: string | null, ...daemons: string[]) => ({
      ...running(...daemons),
      linuxptp: known({ ...answer, systemClockBy }, 'pmc'),
    });

    it('that it steers nothing', () => {
      const facts = both(null, 'chronyd', 'phc2sys', 'ptp4l');
      expect(verdictOnHost(timeDaemons, facts)).to.equal('pass not-steering');
    });

    it('that it hands the time of chronyd on', () => {
      const facts = both('phc2sys -a -rr', 'chronyd', 'phc2sys', 'ptp4l');
      const master = known({ ...answer, portStates: ['MASTER'] }, 'pmc');
      expect(verdictOnHost(timeDaemons, { ...facts, linuxptp: master })).to.equal('pass not-steering');
      expect(verdictOnHost(timeDaemons, facts)).to.equal('warn phc2sys-beside-ntp');
    });

    it('that nothing steers the system clock', () => {
      expect(verdictOnHost(timeDaemons, both(null, 'ptp4l'))).to.equal('not-applicable none');
      expect(verdictOnHost(timeDaemons, both('phc2sys -a -r', 'phc2sys', 'ptp4l'))).to.equal('pass single');
    });

    it('that it steers the system clock as well, even where chronyd has a reference clock', () => {
      const sources = [{ ...answering, mode: 'refclock' as const }];
      const chrony = known<ChronyAnswer>(
        {
          ...{ daemon: 'answers', tracking: healthy, sources, sourceStatistics: [], activity: null },
          ...{ steersClock: true, readAtSeconds: NOW },
        },
        'the test',
      );
      const facts = { ...both('phc2sys -a -r', 'chronyd', 'phc2sys', 'ptp4l'), chrony };
      expect(verdictOnHost(timeDaemons, facts)).to.equal('warn phc2sys-beside-ntp');
      expect(findingOnHost(timeDaemons, facts).detail).to.contain('phc2sys -a -r steers the system clock');
      const onlyLooking = {
        ...facts,
        chrony: known({ ...chrony.value, steersClock: false } as ChronyAnswer, 'x'),
      };
      expect(verdictOnHost(timeDaemons, onlyLooking)).to.equal('pass single');
      const withNtpd = { ...running('chronyd', 'ntpd'), chrony: onlyLooking.chrony };
      expect(verdictOnHost(timeDaemons, withNtpd)).to.equal('pass single');
      expect(verdictOnHost(timeDaemons, { ...withNtpd, chrony })).to.equal('warn several');
    });

    it('that ptp4l steers it with software time stamps', () => {
      expect(verdictOnHost(timeDaemons, both('ptp4l -S -i eth0', 'ntpd', 'ptp4l'))).to.equal(
        'warn phc2sys-beside-ntp',
      );
    });
  });
});
