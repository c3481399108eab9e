import { expect } from 'chai';
import { evaluateHost } from '../../src/checks/engine.js';
import type { Finding } from '../../src/checks/finding.js';
import { clocksource } from '../../src/checks/host/clocksource.js';
import { known, unknown } from '../../src/facts/fact.js';
import { hostLeftOut } from '../../src/facts/host.js';
import { DEFAULT_POLICY } from '../../src/policy/policy.js';
import { ptpKvmOffer } from '../../src/ptp/ptpKvmOffer.js';

const fact = (current: string, available: readonly string[]) =>
  known({ current, available: [current, ...available] }, '/sys');

function judge(arch: string, current: string, ...available: string[]): Finding {
  const architecture = known(arch, 'uname -m');
  const host = {
    ...hostLeftOut('not looked at'),
    architecture,
    clocksource: fact(current, available),
  };
  return evaluateHost(clocksource, host, DEFAULT_POLICY);
}

function offerOf(arch: string, current: string, ...available: string[]) {
  const offer = ptpKvmOffer(known(arch, 'uname -m'), fact(current, available));
  if (!offer.known) throw new Error(offer.reason);
  return offer.value;
}

/** Architecture, clocksource, verdict, and whether the host answers a guest's ptp_kvm. */
const cases: readonly [string, string, string, boolean][] = [
  ['x86_64', 'tsc', 'pass proper', true],
  ['x86_64', 'hyperv_clocksource_tsc_page', 'pass proper', true],
  ['x86_64', 'kvm-clock', 'warn nested', false],
  ['x86_64', 'hpet', 'fail slow-clocksource', false],
  ['x86_64', 'acpi_pm', 'fail slow-clocksource', false],
  ['x86_64', 'jiffies', 'fail slow-clocksource', false],
  ['x86_64', 'refined-jiffies', 'fail slow-clocksource', false],
  ['x86_64', 'pit', 'fail slow-clocksource', false],
  ['x86_64', 'xen', 'warn unusual-clocksource', false],
  ['i686', 'tsc', 'pass proper', false],
  ['i386', 'tsc', 'pass proper', false],
  ['aarch64', 'arch_sys_counter', 'pass proper', true],
  ['aarch64', 'tsc', 'warn unusual-clocksource', false],
  ['aarch64', 'jiffies', 'fail slow-clocksource', false],
  ['s390x', 'tod', 'pass proper', false],
  ['ppc64le', 'timebase', 'pass proper', false],
  ['riscv64', 'riscv_clocksource', 'pass proper', false],
  ['loongarch64', 'stable_counter', 'warn unusual-clocksource', false],
];

describe('host/clocksource', () => {
  for (const [arch, current, verdict, offered] of cases) {
    it(`gives ${verdict} for ${current} on ${arch}, which ${offered ? 'answers' : 'does not answer'} ptp_kvm`, () => {
      const { outcome, code, observed } = judge(arch, current);
      expect(`${outcome} ${code}`).to.equal(verdict);
      expect(observed).to.match(new RegExp(`^${current} on `));
      expect(offerOf(arch, current).offered).to.equal(offered);
    });
  }

  it('tells a choice from a TSC that the kernel gave up', () => {
    const chosen = judge('x86_64', 'hpet', 'tsc', 'acpi_pm');
    expect(chosen.detail).to.equal('the proper one is still available: somebody chose otherwise');
    expect(chosen.observed).to.equal('hpet on x86_64; available: hpet tsc acpi_pm');
    const lost = judge('x86_64', 'hpet', 'acpi_pm');
    expect(lost.detail).to.equal('the kernel found the proper one unreliable, or does not have it');
    expect(offerOf('x86_64', 'hpet', 'tsc').wouldNeed).to.contain('still lists as available');
    expect(offerOf('x86_64', 'hpet').wouldNeed).to.contain('marked unstable');
  });

  it('explains what a nested host lacks', () => {
    expect(judge('x86_64', 'kvm-clock', 'tsc').detail).to.contain('the host is itself a KVM guest');
    expect(offerOf('x86_64', 'kvm-clock').wouldNeed).to.contain('an invariant TSC');
  });

  it('is unknown when the clocksource could not be read, and so is the offer of ptp_kvm', () => {
    const unread = unknown('/sys', 'clocksource-unreadable', 'not there');
    const architecture = known('x86_64', 'uname -m');
    const host = { ...hostLeftOut('not looked at'), architecture, clocksource: unread };
    expect(evaluateHost(clocksource, host, DEFAULT_POLICY)).to.deep.include({
      outcome: 'unknown',
      code: 'clocksource-unreadable',
      observed: 'not there',
    });
    expect(ptpKvmOffer(architecture, unread)).to.equal(unread);
  });
});
