import { expect } from 'chai';
import { kvmclock } from '../../src/checks/domain/kvmclock.js';
import { ptpKvm } from '../../src/checks/domain/ptpKvm.js';
import { evaluateDefinition } from '../../src/checks/engine.js';
import { kvmClock } from '../../src/checks/host/kvmClock.js';
import { hostPtpKvm } from '../../src/checks/host/ptpKvm.js';
import { known, leftOut, unknown } from '../../src/facts/fact.js';
import { type HostFacts, hostLeftOut } from '../../src/facts/host.js';
import { type KvmProbe, pairsClocks } from '../../src/facts/kvmProbe.js';
import { DEFAULT_POLICY } from '../../src/policy/policy.js';
import { ptpKvmOffer } from '../../src/ptp/ptpKvmOffer.js';
import { definitionOf, linux } from '../support/definitions.js';
import { arm, findingOnHost, verdictOnHost, x86 } from '../support/hostVerdicts.js';
import { INCONCLUSIVE, kvmProbe, PROVEN, REFUSED } from '../support/kvmProbes.js';

const clocksource = (current: string) => ({
  ...x86,
  clocksource: known({ current, available: [current] }, '/sys'),
});
const tried = (probe: KvmProbe) => ({ kvm: known(probe, '/dev/kvm') });

const NO_FLAGS = { clockPairing: INCONCLUSIVE, clockFlags: [] };
const OLD_KERNEL = { clockPairing: INCONCLUSIVE, offered: ['tsc-stable'], clockFlags: ['tsc-stable'] };

describe('host/kvm-clock', () => {
  const cases: readonly [string, Partial<HostFacts>, string][] = [
    ['proven', { ...tried(kvmProbe()), ...clocksource('tsc') }, 'pass stable'],
    [
      'refused on tsc',
      { ...tried(kvmProbe({ stableKvmclock: REFUSED })), ...clocksource('tsc') },
      'warn not-stable',
    ],
    ['refused, and no clocksource read', tried(kvmProbe({ stableKvmclock: REFUSED })), 'warn not-stable'],
    [
      'refused on hpet',
      { ...tried(kvmProbe({ stableKvmclock: REFUSED })), ...clocksource('hpet') },
      'warn other-clocksource',
    ],
    ['inconclusive', tried(kvmProbe({ stableKvmclock: INCONCLUSIVE })), 'info inconclusive'],
    ['on ARM', tried(kvmProbe({ stableKvmclock: null })), 'not-applicable other-architecture'],
    [
      'left out',
      { kvm: leftOut('/dev/kvm', 'not tried out, as --no-probe asks') },
      'not-applicable left-out',
    ],
    ['not allowed', { kvm: unknown('/dev/kvm', 'kvm-denied', 'join the group kvm') }, 'unknown kvm-denied'],
  ];
  for (const [what, host, verdict] of cases) {
    it(`gives ${verdict} when it is ${what}`, () => expect(verdictOnHost(kvmClock, host)).to.equal(verdict));
  }

  it("tells what was seen, and where another check has the fault's name", () => {
    const host = { ...tried(kvmProbe({ stableKvmclock: REFUSED })), ...clocksource('acpi_pm') };
    expect(findingOnHost(kvmClock, host)).to.deep.include({
      observed: 'the kernel said no',
      detail: 'the clocksource is acpi_pm (see host/clocksource)',
    });
  });
});

describe('host/ptp-kvm', () => {
  const cases: readonly [string, Partial<HostFacts>, string][] = [
    ['proven', tried(kvmProbe()), 'pass answered'],
    [
      'refused on tsc',
      { ...tried(kvmProbe({ clockPairing: REFUSED })), ...clocksource('tsc') },
      'warn refused',
    ],
    [
      'refused on hpet',
      { ...tried(kvmProbe({ clockPairing: REFUSED })), ...clocksource('hpet') },
      'warn other-clocksource',
    ],
    [
      'not executed, and the flags are there',
      tried(kvmProbe({ clockPairing: INCONCLUSIVE })),
      'info by-flags',
    ],
    [
      'not executed, without the flags',
      { ...tried(kvmProbe(NO_FLAGS)), ...clocksource('tsc') },
      'warn refused',
    ],
    [
      'not executed, without the flags on hpet',
      { ...tried(kvmProbe(NO_FLAGS)), ...clocksource('hpet') },
      'warn other-clocksource',
    ],
    ['not executed on an old kernel', tried(kvmProbe(OLD_KERNEL)), 'info inconclusive'],
    ['left out', {}, 'not-applicable left-out'],
    ['not there', { kvm: unknown('/dev/kvm', 'kvm-missing', 'there is none') }, 'unknown kvm-missing'],
  ];
  for (const [what, host, verdict] of cases) {
    it(`gives ${verdict} when it is ${what}`, () =>
      expect(verdictOnHost(hostPtpKvm, host)).to.equal(verdict));
  }

  it('keeps what the call itself came to in sight', () => {
    const { detail } = findingOnHost(hostPtpKvm, tried(kvmProbe({ clockPairing: INCONCLUSIVE })));
    expect(detail).to.equal(INCONCLUSIVE.because);
  });

  it('takes no word of half the flags', () => {
    for (const flag of ['realtime', 'host-tsc']) {
      const probe = kvmProbe({ clockPairing: INCONCLUSIVE, clockFlags: ['tsc-stable', flag] });
      expect(pairsClocks(probe), flag).to.equal(false);
    }
    expect(pairsClocks(kvmProbe({ clockFlags: null, offered: [] })), 'ARM').to.equal(null);
  });
});

describe('what the host offers to ptp_kvm', () => {
  const offer = (probe: KvmProbe | null, current: string, architecture = x86.architecture) => {
    const kvm = probe ? known(probe, '/dev/kvm') : leftOut('/dev/kvm', 'not tried out');
    const fact = ptpKvmOffer(architecture, clocksource(current).clocksource, kvm);
    if (!fact.known) throw new Error(fact.reason);
    return fact;
  };

  it('rests on what was tried, and says so', () => {
    const { value, source } = offer(kvmProbe(), 'hpet');
    expect([value.offered, value.because, source]).to.deep.equal([true, 'it was seen', '/dev/kvm']);
    const refused = offer(kvmProbe({ clockPairing: REFUSED }), 'tsc').value;
    expect(refused).to.deep.equal({ offered: false, because: 'the kernel said no' });
  });

  it('rests on the flags when the call was not executed', () => {
    expect(offer(kvmProbe({ clockPairing: INCONCLUSIVE }), 'kvm-clock').value).to.deep.include({
      offered: true,
      because:
        "KVM gave the host's time together with its TSC, as the call does (the call itself could not be tried)",
    });
    const without = offer(kvmProbe(NO_FLAGS), 'hpet').value;
    expect(without.offered).to.equal(false);
    expect(without.wouldNeed).to.match(/^the host on clocksource tsc/);
  });

  it('rests on the clocksource when nothing came of it, or nobody tried', () => {
    for (const probe of [kvmProbe(OLD_KERNEL), null]) {
      expect(offer(probe, 'tsc').value.because).to.equal("the host's clocksource is tsc");
      expect(offer(probe, 'hpet').value.offered).to.equal(false);
    }
    const kvm = unknown('/dev/kvm', 'kvm-denied', 'join the group kvm');
    expect(ptpKvmOffer(x86.architecture, clocksource('tsc').clocksource, kvm)).to.nested.include({
      'value.offered': true,
    });
  });

  it('is known without a clocksource once it was tried', () => {
    const unread = unknown('/sys', 'clocksource-unreadable', 'not there');
    const kvm = known(kvmProbe({ clockPairing: REFUSED }), '/dev/kvm');
    expect(ptpKvmOffer(x86.architecture, unread, kvm)).to.nested.include({ 'value.offered': false });
    const old = known(kvmProbe(OLD_KERNEL), '/dev/kvm');
    expect(ptpKvmOffer(x86.architecture, unread, old)).to.equal(unread);
  });
});

describe('guests of a host that was tried out', () => {
  const armGuest = definitionOf({ arch: 'aarch64', guestOs: linux, clock: { kvmclock: 'not-applicable' } });
  const hostOf = (architecture: HostFacts['architecture'], current: string, probe: KvmProbe): HostFacts => ({
    ...hostLeftOut('not looked at'),
    ...tried(probe),
    architecture,
    ptpKvm: ptpKvmOffer(architecture, clocksource(current).clocksource, known(probe, '/dev/kvm')),
  });
  const find = (check: typeof ptpKvm, definition: typeof armGuest, host: HostFacts) =>
    evaluateDefinition(check, known(definition, 'test'), host, DEFAULT_POLICY);
  const onArm = (clockPairing: KvmProbe['clockPairing']) =>
    kvmProbe({ stableKvmclock: null, offered: [], clockFlags: null, clockPairing });

  it('fail on ARM for what the kernel refused, whatever the clocksource lets expect', () => {
    const refused = find(ptpKvm, armGuest, hostOf(arm.architecture, 'arch_sys_counter', onArm(REFUSED)));
    expect(refused).to.deep.include({
      outcome: 'fail',
      code: 'neither',
      observed: 'ptp_kvm is impossible: the kernel said no; ARM has no kvm-clock',
    });
    const proven = find(ptpKvm, armGuest, hostOf(arm.architecture, 'arch_sys_counter', onArm(PROVEN)));
    expect(proven).to.deep.include({ outcome: 'pass', code: 'ptp-kvm-only' });
    const unclear = find(ptpKvm, armGuest, hostOf(arm.architecture, 'arch_sys_counter', onArm(INCONCLUSIVE)));
    expect(unclear.observed).to.contain("the host's clocksource is arch_sys_counter");
  });

  it('have a kvm-clock without the TSC-stable flag only where that was seen', () => {
    const guest = definitionOf({ guestOs: linux });
    const detail = (current: string, stableKvmclock: KvmProbe['stableKvmclock']) => {
      const probe = kvmProbe({ stableKvmclock, clockPairing: REFUSED });
      return find(kvmclock, guest, hostOf(x86.architecture, current, probe)).detail;
    };
    expect(detail('tsc', REFUSED)).to.equal('it has no TSC-stable flag: the kernel said no');
    expect(detail('hpet', PROVEN)).to.equal(undefined);
    expect(detail('hpet', INCONCLUSIVE)).to.contain('so it has no TSC-stable flag');
  });
});
