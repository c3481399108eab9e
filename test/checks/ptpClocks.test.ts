import { expect } from 'chai';
import { ptpClocks } from '../../src/checks/host/ptpClocks.js';
import { known, unknown } from '../../src/facts/fact.js';
import type { HostFacts } from '../../src/facts/host.js';
import type { KernelClock } from '../../src/facts/kernelClock.js';
import type { PtpClock, PtpOffset } from '../../src/facts/ptpClock.js';
import { DEFAULT_THRESHOLDS } from '../../src/policy/thresholds.js';
import { findingOnHost, verdictOnHost } from '../support/hostVerdicts.js';

const ahead = (offsetSeconds: number, errorBoundSeconds = 1e-6): PtpOffset => ({
  offsetSeconds,
  errorBoundSeconds,
  method: 'extended',
});

function clock(offset: PtpOffset | null, users: readonly string[] | null = [], name = 'igb'): PtpClock {
  return {
    device: '/dev/ptp0',
    clockName: name,
    driver: name === 'igb' ? name : null,
    interfaces: name === 'igb' ? ['eth0'] : [],
    capabilities: null,
    offset,
    offsetMissing: offset ? null : '/dev/ptp0 may not be opened (EACCES)',
    users,
  };
}

const clocks = (...list: PtpClock[]): Partial<HostFacts> => ({ ptpClocks: known(list, '/sys/class/ptp') });

const steeredBy = (
  systemClockBy: string | null,
  systemClockFrom: string | null = null,
): Partial<HostFacts> => ({
  linuxptp: known(
    { portStates: null, grandmasterPresent: null, masterOffsetSeconds: null, systemClockBy, systemClockFrom },
    'pmc',
  ),
});

const kernelTai = (taiOffsetSeconds: number): Partial<HostFacts> => ({
  kernelClock: known(
    {
      state: 'ok',
      status: ['pll', 'nano'],
      maxErrorSeconds: 0,
      estimatedErrorSeconds: 0,
      remainingOffsetSeconds: 0,
      frequencyPpm: 0,
      taiOffsetSeconds,
    } satisfies KernelClock,
    'adjtimex',
  ),
});

describe('host/ptp-clocks', () => {
  const phc2sys = steeredBy('phc2sys -s eth0 -w');
  const used = ['phc2sys', 'ptp4l'];
  const verdict = (...facts: Partial<HostFacts>[]) => verdictOnHost(ptpClocks, Object.assign({}, ...facts));
  const observed = (...facts: Partial<HostFacts>[]) =>
    findingOnHost(ptpClocks, Object.assign({}, ...facts)).observed;

  it('has nothing to say without a clock, and cannot look without sysfs', () => {
    expect(verdict(clocks())).to.equal('not-applicable none');
    expect(verdict({ ptpClocks: unknown('/sys/class/ptp', 'ptp-clocks-unreadable', 'no /sys') })).to.equal(
      'unknown ptp-clocks-unreadable',
    );
  });

  for (const [what, offset, more] of [
    ['UTC', ahead(-0.049), {}],
    ['TAI', ahead(37.000002), {}],
    ['TAI, although nobody told the kernel', ahead(37), kernelTai(0)],
    ['TAI after another leap second, as the kernel knows', ahead(38), kernelTai(38)],
    ['UTC as far as a slow bus lets it be told', ahead(0.06, 0.02), {}],
    ['what -O says', ahead(-5.01), steeredBy('phc2sys -s eth0 -c CLOCK_REALTIME -O 5')],
    ['what -O says without a blank', ahead(12), steeredBy('phc2sys -s eth0 -O-12 -m')],
  ] as const) {
    it(`passes a clock that phc2sys follows and that keeps ${what}`, () => {
      expect(verdict(phc2sys, clocks(clock(offset, used)), more)).to.equal('pass in-line');
    });
  }

  for (const [what, offset, more] of [
    ['a minute away', ahead(60), {}],
    ['51 ms away', ahead(0.051), {}],
    ['36 s ahead, which is TAI without its last leap second', ahead(36), {}],
    ['37 s behind, which is TAI the wrong way round', ahead(-37), {}],
    ['37 s ahead after another leap second', ahead(37), kernelTai(38)],
    ['at 1970', ahead(-1_767_225_600), {}],
  ] as const) {
    it(`warns of one that is ${what}`, () => {
      expect(verdict(phc2sys, clocks(clock(offset, used)), more)).to.equal('warn far-off');
    });
  }

  it('takes the limit from the policy', () => {
    const facts = { ...phc2sys, ...clocks(clock(ahead(0.06), used)) };
    expect(findingOnHost(ptpClocks, facts).code).to.equal('far-off');
    const thresholds = { ...DEFAULT_THRESHOLDS, hostOffsetFailSeconds: 0.1 };
    expect(findingOnHost(ptpClocks, facts, [], { thresholds }).code).to.equal('in-line');
  });

  it('asks only one of several clocks that phc2sys has open to be in line: it follows one of them', () => {
    const other = { ...clock(ahead(1e6), ['phc2sys']), device: '/dev/ptp1' };
    expect(verdict(phc2sys, clocks(clock(ahead(37), used), other))).to.equal('pass in-line');
    expect(verdict(phc2sys, clocks(clock(ahead(1e6), used), other))).to.equal('warn far-off');
  });

  for (const from of ['/dev/ptp0', 'eth0']) {
    it(`asks the clock that phc2sys was told to follow, here as ${from}, even where its users are hidden`, () => {
      const told = steeredBy(`phc2sys -s ${from} -w`, from);
      const other = { ...clock(ahead(0), null), device: '/dev/ptp1', interfaces: ['eth1'] };
      expect(verdict(told, clocks(clock(ahead(1e6), null), other))).to.equal('warn far-off');
      expect(verdict(told, clocks(clock(ahead(37), null), other))).to.equal('pass in-line');
    });
  }

  it('asks the clocks that phc2sys has open where what it was told to follow is named otherwise', () => {
    const told = steeredBy('phc2sys -s bond0 -w', 'bond0');
    expect(verdict(told, clocks(clock(ahead(1e6), ['phc2sys'])))).to.equal('warn far-off');
  });

  it('alarms nobody about a clock that may show any time', () => {
    const wild = ahead(-123456);
    // chronyd opens a card's clock for the timestamps of its packets, and lets it run free.
    expect(verdict(clocks(clock(wild, ['chronyd'])))).to.equal('info listed');
    expect(verdict(clocks(clock(wild, ['ptp4l'])))).to.equal('info listed');
    // phc2sys that brings one card's clock in line with another's.
    expect(verdict(steeredBy(null), clocks(clock(wild, ['phc2sys'])))).to.equal('info listed');
    // ptp4l with timestamps in software, which sets the system clock itself.
    expect(verdict(steeredBy('ptp4l -S -i eth0'), clocks(clock(wild, ['ptp4l'])))).to.equal('info listed');
    expect(verdict({ linuxptp: known(null, 'ps') }, clocks(clock(wild, ['phc2sys'])))).to.equal(
      'info listed',
    );
    expect(verdict(phc2sys, clocks(clock(wild)))).to.equal('pass unused');
    expect(verdict(clocks(clock(wild)))).to.equal('pass unused');
  });

  it('tells what it could not see', () => {
    expect(verdict(phc2sys, clocks(clock(null, null)))).to.equal('info listed');
    expect(verdict(phc2sys, clocks(clock(null, used)))).to.equal('info listed');
    expect(observed(clocks(clock(null, null)))).to.equal(
      '/dev/ptp0 (igb, eth0) not measured: /dev/ptp0 may not be opened (EACCES)',
    );
  });

  it('tells the clock of the hypervisor that the host itself runs on, and how to use it', () => {
    const own = (users: readonly string[]) => clocks(clock(ahead(2.5e-7), users, 'KVM virtual PTP'));
    expect(verdict(own([]))).to.equal('info hypervisor-clock');
    expect(findingOnHost(ptpClocks, own([])).detail).to.match(
      /chronyd can use it \(refclock PHC \/dev\/ptp0\)/,
    );
    expect(findingOnHost(ptpClocks, own(['chronyd'])).detail).not.to.match(/can use/);
    expect(verdict(phc2sys, own(['phc2sys']))).to.equal('pass in-line');
  });

  it('says how far away a clock is in a unit that fits, and what TAI is', () => {
    const words = (offset: number) => observed(clocks(clock(ahead(offset), ['ptp4l'])));
    expect(words(37.0000015)).to.equal(
      '/dev/ptp0 (igb, eth0) 37.000002 s ahead, which is TAI, used by ptp4l',
    );
    expect(words(-0.0205)).to.contain(' 20.500 ms behind,');
    expect(words(1.2e-8)).to.contain(' 0.012 us ahead,');
    expect(words(-1_767_225_600.4)).to.contain(' 1767225600 s behind,');
  });

  it('shows no more of hundreds of clocks than can be read', () => {
    const many = Array.from({ length: 20 }, (_, number) => ({
      ...clock(ahead(0)),
      device: `/dev/ptp${number}`,
    }));
    const text = observed(clocks(...many));
    expect(text).to.contain('/dev/ptp7 ').and.not.contain('/dev/ptp8 ');
    expect(text).to.match(/; and 12 more$/);
  });
});
