import { expect } from 'chai';
import { hardwareClock } from '../../src/checks/host/hardwareClock.js';
import { leapTable } from '../../src/checks/host/leapTable.js';
import { virtualisation } from '../../src/checks/host/virtualisation.js';
import { known, unknown } from '../../src/facts/fact.js';
import type { HostFacts } from '../../src/facts/host.js';
import { hostLeftOut } from '../../src/facts/host.js';
import type { HardwareClock } from '../../src/facts/kernelClock.js';
import { DEFAULT_POLICY } from '../../src/policy/policy.js';
import { hostFixesFor } from '../../src/remediation/hostFixes.js';
import { findingOnHost, verdictOnHost } from '../support/hostVerdicts.js';
import { chrony, FLAG_ONLY, kernel, SYNCHRONISED } from '../support/kernelSituations.js';

const UTC: HardwareClock = {
  device: '/dev/rtc0',
  name: 'rtc_cmos',
  offsetSeconds: 0.4,
  errorBoundSeconds: 0.5,
  keeps: 'utc',
  keepsDecidedBy: '/etc/adjtime',
};
const clock = (part: Partial<HardwareClock>) => ({ hardwareClock: known({ ...UTC, ...part }, '/sys') });
const local = { keeps: 'local' } as const;
const unsaid = { keeps: 'local', keepsDecidedBy: 'what fits, since /etc/adjtime does not tell' } as const;

describe('host/hardware-clock', () => {
  for (const [what, part, verdict] of [
    ['half a second', {}, 'pass agrees'],
    ['3.4 s with a bound of half a second', { offsetSeconds: 3.4 }, 'pass agrees'],
    ['3.6 s', { offsetSeconds: 3.6 }, 'warn off'],
    ['3.6 s behind', { offsetSeconds: -3.6 }, 'warn off'],
    ["3.1 s at a second's edge", { offsetSeconds: 3.1, errorBoundSeconds: 0.002 }, 'warn off'],
    ['fifty years', { offsetSeconds: -1.6e9 }, 'warn off'],
    ['local time by /etc/adjtime', local, 'info local-time'],
    ['local time that is off', { ...local, offsetSeconds: 3600 }, 'warn off'],
    ['local time that nobody speaks of', unsaid, 'warn local-time-unsaid'],
  ] as const) {
    it(`gives ${verdict} for ${what}`, () =>
      expect(verdictOnHost(hardwareClock, clock(part))).to.equal(verdict));
  }

  it('does not apply to a machine without one, and is unknown where it could not be read', () => {
    expect(verdictOnHost(hardwareClock, { hardwareClock: known(null, '/sys/class/rtc') })).to.equal(
      'not-applicable none',
    );
    const stopped = unknown('/sys', 'hardware-clock-stopped', 'stands still');
    expect(verdictOnHost(hardwareClock, { hardwareClock: stopped })).to.equal(
      'unknown hardware-clock-stopped',
    );
  });

  it('goes by the limit of the policy', () => {
    const policy = { thresholds: { ...DEFAULT_POLICY.thresholds, hostHardwareClockWarnSeconds: 1 } };
    expect(verdictOnHost(hardwareClock, clock({ offsetSeconds: 2 }), [], policy)).to.equal('warn off');
  });

  it('says which way it is off, and who does not keep it right', () => {
    const off = clock({ offsetSeconds: -120.04 });
    const finding = findingOnHost(hardwareClock, { ...off, ...kernel(FLAG_ONLY) });
    expect(finding.observed).to.equal(
      '/dev/rtc0 (rtc_cmos) is 120.0 s behind the system clock, taken for UTC (/etc/adjtime)',
    );
    expect(finding.detail).to.contain('does not keep the hardware clock right');
    expect(findingOnHost(hardwareClock, { ...off, ...kernel(SYNCHRONISED) }).detail).to.contain(
      'every eleven',
    );
    expect(findingOnHost(hardwareClock, off).detail).to.contain('not known which of the two');
  });

  describe('has text to paste', () => {
    function fixes(facts: Partial<HostFacts>) {
      const host = { ...hostLeftOut('left out by the test'), ...facts };
      return hostFixesFor(host, [findingOnHost(hardwareClock, facts)], DEFAULT_POLICY).flatMap(
        ({ lines }) => lines,
      );
    }
    const off = { offsetSeconds: 60 };

    it('that sets it in the time that it keeps', () => {
      expect(fixes(clock(off))).to.deep.equal(['hwclock --systohc --utc']);
      expect(fixes(clock({ ...off, ...local }))).to.deep.equal(['hwclock --systohc --localtime']);
      expect(fixes(clock(unsaid))).to.deep.equal(['hwclock --systohc --utc']);
    });

    it('that gives chronyd rtcsync where it lacks it, and only there', () => {
      const hwclock = 'hwclock --systohc --utc';
      const lacking = { ...clock(off), ...chrony(), ...kernel(FLAG_ONLY) };
      expect(fixes(lacking)).to.deep.equal([hwclock, 'rtcsync']);
      expect(fixes({ ...lacking, ...kernel(SYNCHRONISED) })).to.deep.equal([hwclock]);
      expect(fixes({ ...lacking, ...chrony({}, false) })).to.deep.equal([hwclock]);
    });
  });
});

describe('host/leap-table', () => {
  const table = (expiresAtSeconds: number) => ({
    leapTable: known({ path: '/leap', expiresAtSeconds, readAtSeconds: 1_700_000_000 }, '/leap'),
  });

  it('passes until the day of its expiry', () => {
    const finding = findingOnHost(leapTable, table(1_782_604_800));
    expect(finding).to.deep.include({
      outcome: 'pass',
      code: 'current',
      observed: '/leap is good until 2026-06-28',
    });
  });

  it('informs from then on, and whom it concerns', () => {
    const finding = findingOnHost(leapTable, table(1_700_000_000));
    expect(finding).to.deep.include({
      outcome: 'info',
      code: 'expired',
      observed: '/leap expired on 2023-11-14',
    });
    expect(finding.detail).to.contain('only a daemon');
    expect(verdictOnHost(leapTable, table(1_700_000_001))).to.equal('pass current');
  });

  it('survives a date that no calendar has', () => {
    expect(verdictOnHost(leapTable, table(1e300))).to.equal('pass current');
    expect(verdictOnHost(leapTable, table(-1e300))).to.equal('info expired');
  });

  it('does not apply without a table', () => {
    expect(verdictOnHost(leapTable, { leapTable: known(null, '/leap') })).to.equal('not-applicable none');
  });
});

describe('host/virtualisation', () => {
  const facts = (hypervisor: string) => ({
    virtualisation: known({ hypervisor, evidence: "DMI sys_vendor 'QEMU'" }, 'DMI'),
  });

  it('passes on a machine of its own, and informs about a guest', () => {
    expect(verdictOnHost(virtualisation, { virtualisation: known(null, '/proc/cpuinfo') })).to.equal(
      'pass metal',
    );
    const finding = findingOnHost(virtualisation, facts('kvm'));
    expect(finding).to.deep.include({ outcome: 'info', code: 'guest' });
    expect(finding.observed).to.equal("this host is itself a guest of kvm, by DMI sys_vendor 'QEMU'");
    expect(findingOnHost(virtualisation, facts('other')).observed).to.contain('an unknown hypervisor');
  });

  it('is unknown where nothing tells', () => {
    const silent = unknown('/proc', 'virtualisation-not-told', 'nothing tells');
    expect(verdictOnHost(virtualisation, { virtualisation: silent })).to.equal(
      'unknown virtualisation-not-told',
    );
  });
});
