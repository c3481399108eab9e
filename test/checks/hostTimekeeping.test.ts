import { expect } from 'chai';
import { kvmParameters } from '../../src/checks/host/kvmParameters.js';
import { leapSecond } from '../../src/checks/host/leapSecond.js';
import { timeDaemons } from '../../src/checks/host/timeDaemons.js';
import { tscFlags } from '../../src/checks/host/tscFlags.js';
import type { ChronyAnswer, ChronySource, ChronyTracking } from '../../src/facts/chrony.js';
import { type Fact, known, unknown } from '../../src/facts/fact.js';
import { answering, answerOf } from '../support/chronyAnswers.js';
import { arm, findingOnHost, verdictOnHost, x86 } from '../support/hostVerdicts.js';

const unread = unknown('the test', 'not-there', 'it is not there');

function chrony(part: Partial<ChronyTracking>, sources: readonly ChronySource[] = [answering]) {
  return { chrony: known<ChronyAnswer>(answerOf(part, sources), 'the test') };
}
const noDaemon = { chrony: known<ChronyAnswer>({ daemon: 'absent', evidence: 'nothing runs' }, 'the test') };

describe('host/tsc-flags', () => {
  const flags = (constant: boolean, nonstop: boolean) => ({
    ...x86,
    tscFlags: known({ constant, nonstop }, '/proc/cpuinfo'),
  });
  const on = (current: string) => ({ clocksource: known({ current, available: [current] }, '/sys') });

  for (const [constant, nonstop, clocksource, verdict] of [
    [true, true, 'tsc', 'pass invariant'],
    [true, true, 'hpet', 'pass invariant'],
    [true, false, 'tsc', 'warn not-invariant'],
    [false, true, 'tsc', 'warn not-invariant'],
    [false, false, 'hyperv_clocksource_tsc_page', 'warn not-invariant'],
    [false, false, 'kvm-clock', 'warn not-invariant'],
    [false, true, 'hpet', 'fail tsc-not-used'],
    [true, false, 'acpi_pm', 'fail tsc-not-used'],
  ] as const) {
    it(`gives ${verdict} for constant ${constant} and nonstop ${nonstop} on ${clocksource}`, () => {
      expect(verdictOnHost(tscFlags, { ...flags(constant, nonstop), ...on(clocksource) })).to.equal(verdict);
    });
  }

  it('names what is missing and the clocksource', () => {
    const finding = findingOnHost(tscFlags, { ...flags(false, false), ...on('hpet') });
    expect(finding.observed).to.equal('the CPUs lack constant_tsc and nonstop_tsc');
    expect(finding.detail).to.contain('the clocksource is hpet');
    expect(findingOnHost(tscFlags, flags(true, false)).observed).to.equal('the CPUs lack nonstop_tsc');
  });

  it('only warns where the clocksource is not known', () => {
    const finding = findingOnHost(tscFlags, { ...flags(true, false), clocksource: unread });
    expect(finding).to.deep.include({ outcome: 'warn', detail: 'the clocksource is not known' });
  });

  it('does not apply to other architectures, and is unknown when nothing could be read', () => {
    const none = { ...arm, tscFlags: known(null, 'uname -m') };
    expect(verdictOnHost(tscFlags, none)).to.equal('not-applicable other-architecture');
    expect(verdictOnHost(tscFlags, { ...x86, tscFlags: unread })).to.equal('unknown not-there');
  });
});

describe('host/time-daemons', () => {
  const running = (...names: string[]) => ({ timeDaemons: known(names, '/proc') });

  for (const [names, verdict] of [
    [[], 'not-applicable none'],
    [['chronyd'], 'pass single'],
    [['ntpd'], 'pass single'],
    [['systemd-timesyncd'], 'pass single'],
    [['phc2sys'], 'pass single'],
    [['phc2sys', 'ptp4l'], 'pass single'],
    [['chronyd', 'ptp4l'], 'pass single'],
    [['chronyd', 'phc2sys', 'ptp4l', 'timemaster'], 'pass timemaster'],
    [['ntpd', 'phc2sys', 'ptp4l', 'timemaster'], 'pass timemaster'],
    [['chronyd', 'ntpd'], 'warn several'],
    [['chronyd', 'systemd-timesyncd'], 'warn several'],
    [['chronyd', 'ntpd-rs'], 'warn several'],
    [['chronyd', 'ntpd', 'phc2sys', 'ptp4l', 'timemaster'], 'warn several'],
    [['chronyd', 'phc2sys', 'ptp4l'], 'warn phc2sys-beside-ntp'],
    [['chronyd', 'phc2sys'], 'warn phc2sys-beside-ntp'],
    [['phc2sys', 'ptp4l', 'systemd-timesyncd', 'timemaster'], 'warn phc2sys-beside-ntp'],
  ] as const) {
    it(`gives ${verdict} for ${names.join(', ') || 'none'}`, () => {
      expect(verdictOnHost(timeDaemons, { ...running(...names), ...chrony({}) })).to.equal(verdict);
      expect(verdictOnHost(timeDaemons, running(...names))).to.equal(verdict);
    });
  }

  it("takes phc2sys for a part of chronyd's reference clock where it has one", () => {
    const both = running('chronyd', 'phc2sys', 'ptp4l');
    const withClock = chrony({}, [answering, { ...answering, mode: 'refclock', name: 'PHC0' }]);
    expect(verdictOnHost(timeDaemons, { ...both, ...withClock })).to.equal('pass reference-clock');
    const ntpd = { ...running('ntpd', 'phc2sys'), ...withClock };
    expect(verdictOnHost(timeDaemons, ntpd)).to.equal('warn phc2sys-beside-ntp');
    expect(verdictOnHost(timeDaemons, { ...both, ...noDaemon })).to.equal('warn phc2sys-beside-ntp');
  });

  it('names them', () => {
    expect(findingOnHost(timeDaemons, running('chronyd', 'ntpd')).observed).to.equal('chronyd and ntpd run');
    expect(findingOnHost(timeDaemons, running('chronyd')).observed).to.equal('chronyd runs');
  });

  it('is unknown where processes are hidden', () => {
    expect(verdictOnHost(timeDaemons, { timeDaemons: unread })).to.equal('unknown not-there');
  });
});

describe('host/leap-second', () => {
  for (const [leapStatus, verdict] of [
    ['normal', 'pass none-announced'],
    ['insert-second', 'info leap-insert'],
    ['delete-second', 'info leap-delete'],
    ['not-synchronised', 'not-applicable not-synchronised'],
  ] as const) {
    it(`gives ${verdict} for a leap status of ${leapStatus}`, () => {
      expect(verdictOnHost(leapSecond, chrony({ leapStatus }))).to.equal(verdict);
    });
  }

  it('says what will happen and what guests see of it', () => {
    const insert = findingOnHost(leapSecond, chrony({ leapStatus: 'insert-second' }));
    expect(insert.observed).to.equal('a leap second will be inserted at the end of the UTC day');
    expect(insert.detail).to.match(/jumps a second back.*ptp_kvm.*kvm-clock counts on/);
    const removal = findingOnHost(leapSecond, chrony({ leapStatus: 'delete-second' }));
    expect(removal.observed).to.contain('deleted');
    expect(removal.detail).to.contain('jumps a second ahead');
  });

  it('leaves a missing daemon to another check, and is unknown when chronyd could not be asked', () => {
    expect(verdictOnHost(leapSecond, noDaemon)).to.equal('not-applicable daemon-absent');
    expect(verdictOnHost(leapSecond, { chrony: unread })).to.equal('unknown not-there');
  });
});

describe('host/kvm-parameters', () => {
  const parameters = (kvmclockPeriodicSync: boolean | null, tscTolerancePpm: number | null) => ({
    ...x86,
    kvmParameters: known({ kvmclockPeriodicSync, tscTolerancePpm }, '/sys'),
  });

  for (const [sync, tolerance, observed] of [
    [true, 250, 'kvmclock_periodic_sync is on, tsc_tolerance_ppm is 250'],
    [false, 0, 'kvmclock_periodic_sync is off, tsc_tolerance_ppm is 0'],
    [null, 250, 'kvmclock_periodic_sync is absent, as in newer kernels, tsc_tolerance_ppm is 250'],
    [true, null, 'kvmclock_periodic_sync is on, tsc_tolerance_ppm is absent'],
  ] as const) {
    it(`informs: ${observed}`, () => {
      const finding = findingOnHost(kvmParameters, parameters(sync, tolerance));
      expect(finding).to.deep.include({ outcome: 'info', code: 'parameters', observed });
    });
  }

  it('does not apply without kvm or to another architecture', () => {
    expect(verdictOnHost(kvmParameters, parameters(null, null))).to.equal('not-applicable no-parameters');
    const onArm = { ...parameters(true, 250), ...arm };
    expect(verdictOnHost(kvmParameters, onArm)).to.equal('not-applicable other-architecture');
  });

  it('is unknown when they could not be read', () => {
    const unreadFact: Fact<never> = unread;
    expect(verdictOnHost(kvmParameters, { ...x86, kvmParameters: unreadFact })).to.equal('unknown not-there');
  });
});
