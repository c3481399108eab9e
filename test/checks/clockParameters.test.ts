import { expect } from 'chai';
import { clockParameters } from '../../src/checks/host/clockParameters.js';
import { clocksource } from '../../src/checks/host/clocksource.js';
import { known, unknown } from '../../src/facts/fact.js';
import type { HostFacts } from '../../src/facts/host.js';
import { arm, findingOnHost, verdictOnHost, x86 } from '../support/hostVerdicts.js';

const words = (...parameters: string[]) => ({ clockParameters: known(parameters, '/proc/cmdline') });
const on = (current: string, ...others: string[]) => ({
  clocksource: known({ current, available: [current, ...others] }, '/sys'),
});
const invariant = { tscFlags: known({ constant: true, nonstop: true }, '/proc/cpuinfo') };
const guestOf = (hypervisor: string) => ({ virtualisation: known({ hypervisor, evidence: 'DMI' }, 'DMI') });

describe('host/clock-parameters', () => {
  for (const [what, facts, verdict] of [
    ['none', { ...x86, ...words(), ...on('tsc') }, 'pass none'],
    ['none on a slow clocksource', { ...x86, ...words(), ...on('hpet') }, 'pass none'],
    ['tsc=reliable', { ...x86, ...words('tsc=reliable'), ...on('tsc') }, 'info no-override'],
    ['clocksource=tsc', { ...x86, ...words('clocksource=tsc'), ...on('tsc') }, 'info no-override'],
    [
      'a name that the kernel ignores',
      { ...x86, ...words('clocksource=foo'), ...on('tsc') },
      'info no-override',
    ],
    [
      'one that a later word takes back',
      { ...x86, ...words('clocksource=hpet', 'clocksource=tsc'), ...on('tsc', 'hpet') },
      'info no-override',
    ],
    [
      'clocksource=hpet in force',
      { ...x86, ...words('clocksource=hpet'), ...on('hpet', 'tsc') },
      'info in-force',
    ],
    ['notsc in force', { ...x86, ...words('notsc'), ...on('hpet', 'acpi_pm') }, 'info in-force'],
    [
      'clocksource=hpet on tsc',
      { ...x86, ...words('clocksource=hpet'), ...on('tsc', 'hpet') },
      'warn override',
    ],
    ['clock=pmtmr on tsc', { ...x86, ...words('clock=pmtmr'), ...on('tsc', 'acpi_pm') }, 'warn override'],
    ['tsc=unstable and nothing known', { ...x86, ...words('tsc=unstable') }, 'warn override'],
    ['clocksource=hpet and nothing known', { ...x86, ...words('clocksource=hpet') }, 'warn override'],
    ['notsc on ARM', { ...arm, ...words('notsc'), ...on('arch_sys_counter') }, 'info no-override'],
  ] as const satisfies readonly (readonly [string, Partial<HostFacts>, string])[]) {
    it(`gives ${verdict} for ${what}`, () => expect(verdictOnHost(clockParameters, facts)).to.equal(verdict));
  }

  it('says what to remove, and what an unwatched TSC means', () => {
    const facts = { ...x86, ...words('tsc=reliable', 'clocksource=hpet', 'notsc') };
    const finding = findingOnHost(clockParameters, { ...facts, ...on('tsc', 'hpet') });
    expect(finding.expected).to.equal('no clocksource=hpet and no notsc');
    expect(finding.observed).to.equal('tsc=reliable clocksource=hpet notsc');
    const reliable = findingOnHost(clockParameters, { ...x86, ...words('tsc=reliable'), ...on('tsc') });
    expect(reliable.detail).to.contain('does not watch the TSC');
  });

  it('is unknown when the command line could not be read', () => {
    const unread = unknown('/proc/cmdline', 'cmdline-unreadable', 'not there');
    expect(verdictOnHost(clockParameters, { ...x86, clockParameters: unread })).to.equal(
      'unknown cmdline-unreadable',
    );
  });
});

describe('what host/clocksource says of the cause', () => {
  const detail = (facts: Partial<HostFacts>) => findingOnHost(clocksource, { ...x86, ...facts }).detail;

  it('is the command line where that asks for it', () => {
    expect(detail({ ...on('hpet', 'tsc'), ...words('clocksource=hpet') })).to.equal(
      "the kernel's command line asks for it: clocksource=hpet",
    );
    expect(detail({ ...on('acpi_pm'), ...words('tsc=unstable'), ...invariant })).to.contain('tsc=unstable');
  });

  it('is a choice where the TSC is there', () => {
    expect(detail({ ...on('hpet', 'tsc'), ...words(), ...invariant })).to.contain('somebody chose otherwise');
  });

  it('is the kernel where the TSC is invariant and not listed', () => {
    const said = detail({ ...on('hpet', 'acpi_pm'), ...words(), ...invariant });
    expect(said).to.contain('marked it as unstable').and.to.contain('Marking TSC unstable');
  });

  it('is the CPU where its TSC is not invariant', () => {
    const tscFlags = known({ constant: true, nonstop: false }, '/proc/cpuinfo');
    expect(detail({ ...on('hpet'), ...words(), tscFlags })).to.contain('see host/tsc-flags');
  });

  it('is left open where nothing tells', () => {
    expect(detail(on('hpet'))).to.equal('the kernel found the proper one unreliable, or does not have it');
    const onArm = { ...arm, ...on('jiffies'), tscFlags: known(null, 'uname -m') };
    expect(findingOnHost(clocksource, onArm).detail).to.contain('or does not have it');
  });

  it('names the hypervisor below this host', () => {
    expect(detail({ ...on('acpi_pm'), ...guestOf('vmware') })).to.contain(
      'this host is itself a guest (vmware)',
    );
    expect(detail({ ...on('kvm-clock', 'tsc'), ...guestOf('kvm') })).to.contain('itself a KVM guest');
    expect(detail({ ...on('kvm-clock', 'tsc'), ...guestOf('amazon') })).to.contain('itself a guest (amazon)');
    expect(detail({ ...on('xen'), ...guestOf('other') })).to.contain('a guest (an unknown hypervisor)');
    expect(detail({ ...on('xen'), virtualisation: known(null, 'DMI') })).to.equal(undefined);
  });
});
