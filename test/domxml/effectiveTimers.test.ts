import { expect } from 'chai';
import { clockOf, definitionOfParts, hyperv } from '../support/domainParts.js';

describe('Hyper-V enlightenments', () => {
  it("go by QEMU's names, sorted, and without the clock itself", () => {
    const inside = hyperv(
      `<vpindex state='on'/><synic state='on'/><stimer state='on'><direct state='on'/></stimer><vapic state='off'/>
      <vendor_id state='on' value='KVM'/><spinlocks state='on' retries='8191'/><emsr_bitmap state='on'/>`,
    );
    const clock = clockOf({ inside, timers: "<timer name='hypervclock' present='yes'/>" });
    expect(clock.enlightenments).to.deep.equal([
      'emsr-bitmap',
      'spinlocks',
      'stimer',
      'stimer-direct',
      'synic',
      'vendor-id',
      'vpindex',
    ]);
    expect(clock).to.include({
      hvTime: 'on',
      hvTimeDecidedBy: "timer hypervclock present='yes'",
      hvPassthrough: false,
    });
  });

  it('are those of the last -cpu alone', () => {
    const inside = hyperv("<synic state='on'/>");
    const clock = clockOf({
      inside,
      words: ['-cpu', 'host,hv_time,+hv-stimer,hv-vapic=off,hv-enforce-cpuid=on'],
    });
    expect(clock.enlightenments).to.deep.equal(['stimer']);
    expect(clock).to.include({ hvTime: 'on', hvTimeDecidedBy: 'qemu:arg -cpu hv-time=on' });
    expect(clockOf({ inside, words: ['-cpu', 'host'] }).enlightenments).to.deep.equal([]);
  });

  it('all come with passthrough, of the last hyperv element', () => {
    const passed = clockOf({ inside: hyperv('', " mode='passthrough'") });
    expect(passed).to.include({
      hvPassthrough: true,
      hvTime: 'on',
      hvTimeDecidedBy: "hyperv mode='passthrough'",
    });
    const taken = clockOf({ inside: hyperv('', " mode='passthrough'") + hyperv('') });
    expect(taken).to.include({ hvPassthrough: false, hvTime: 'off', hvTimeDecidedBy: "QEMU's default" });
    const asked = clockOf({ words: ['-cpu', 'host,hv-passthrough,hv-time=off'] });
    expect(asked).to.include({ hvTime: 'on', hvTimeDecidedBy: 'qemu:arg -cpu hv-passthrough=on' });
  });

  it("all come with host-model, of which the definition cannot spell the host's", () => {
    const clock = clockOf({ inside: hyperv("<synic state='on'/>", " mode='host-model'"), version: '11.9.0' });
    expect(clock).to.include({
      hvPassthrough: true,
      hvTime: 'on',
      hvTimeDecidedBy: "hyperv mode='host-model'",
    });
    expect(clock.enlightenments).to.deep.equal(['synic']);
    expect(clock.qemuArgs.filter((it) => it.includes('hv-'))).to.deep.equal(['-cpu hv-synic=on']);
    expect(clockOf({ words: ['-cpu', 'host,hv-host-model'] })).to.include({
      hvPassthrough: false,
      hvTime: 'off',
    });
  });

  it('are inert without KVM', () => {
    const timers = "<timer name='hypervclock' present='yes'/>";
    expect(clockOf({ type: 'qemu', timers })).to.include({
      hvTime: 'inert',
      hvTimeDecidedBy: "domain type='qemu'",
    });
  });
});

describe('the HPET and the PIT', () => {
  it('are decided by the last that says anything', () => {
    const no = "<timer name='hpet' present='no'/>";
    expect(clockOf({})).to.include({ hpet: 'on', hpetDecidedBy: "QEMU's default" });
    expect(clockOf({ timers: no })).to.include({ hpet: 'off', hpetDecidedBy: "timer hpet present='no'" });
    expect(clockOf({ timers: "<timer name='hpet' present='yes'/>" }).hpetDecidedBy).to.equal(
      "timer hpet present='yes'",
    );
    expect(clockOf({ timers: no, words: ['-M', 'hpet=on'], version: '9.2.0' })).to.include({
      hpet: 'on',
      hpetDecidedBy: 'qemu:arg -machine hpet=on',
    });
    expect(clockOf({ words: ['-machine', 'hpet=on', '-no-hpet'] })).to.include({
      hpet: 'off',
      hpetDecidedBy: 'qemu:arg -no-hpet',
    });
  });

  it("an HPET of a vendor's machine type may be off by default", () => {
    for (const machine of [
      'pc-q35-rhel9.2.0',
      'pc-i440fx-rhel7.6.0',
      'rhel6.6.0',
      'pc-q35-jammy',
      'ubuntu',
    ]) {
      expect(clockOf({ machine }), machine).to.include({
        hpet: 'unknown',
        hpetDecidedBy: "QEMU's default, which a vendor may have changed",
      });
    }
    for (const machine of ['pc', 'q35', 'pc-q35-4.0.1', 'pc-i440fx-10.0', 'pc-1.3']) {
      expect(clockOf({ machine }).hpet, machine).to.equal('on');
    }
    const machine = 'pc-q35-rhel9.2.0';
    expect(clockOf({ machine, timers: "<timer name='hpet' present='no'/>" }).hpet).to.equal('off');
    expect(clockOf({ machine, timers: "<timer name='hpet' present='yes'/>" }).hpet).to.equal('on');
    expect(clockOf({ machine, timers: "<timer name='hpet'/>" }).hpet).to.equal('unknown');
    expect(clockOf({ words: ['-machine', `${machine},usb=off`] }).hpet).to.equal('unknown');
  });

  for (const machine of ['isapc', 'microvm']) {
    it(`an HPET is not on ${machine}`, () => {
      expect(clockOf({ machine })).to.include({
        hpet: 'not-applicable',
        hpetDecidedBy: `machine '${machine}'`,
      });
    });
  }

  it('follow the machine that qemu:commandline names', () => {
    expect(clockOf({ words: ['-machine', 'isapc'] }).hpet).to.equal('not-applicable');
    expect(clockOf({ words: ['-M', 'type=microvm'] }).rtc.present).to.equal(false);
  });

  it('a PIT of QEMU itself has no policy', () => {
    const policy = { pitLostTickPolicy: null };
    expect(clockOf({ inside: "<features><ioapic driver='qemu'/></features>" })).to.include({
      ...policy,
      pitDecidedBy: "ioapic driver='qemu'",
    });
    expect(clockOf({ words: ['-machine', 'kernel_irqchip=off'] }).pitDecidedBy).to.equal(
      'qemu:arg -machine kernel-irqchip=off',
    );
    expect(clockOf({ type: 'qemu' })).to.include({ ...policy, pitDecidedBy: "domain type='qemu'" });
    expect(clockOf({ arch: 's390x', machine: 's390-ccw-virtio' })).to.include({
      ...policy,
      pitDecidedBy: 'the architecture',
    });
  });

  it('a PIT of KVM is decided by its timer, a -global or nothing', () => {
    const timers = "<timer name='pit' tickpolicy='discard'/>";
    const word = ['-global', 'kvm-pit.lost_tick_policy=delay'];
    expect(clockOf({})).to.include({ pitLostTickPolicy: 'delay', pitDecidedBy: "QEMU's default" });
    expect(clockOf({ timers })).to.include({
      pitLostTickPolicy: 'discard',
      pitDecidedBy: "timer pit tickpolicy='discard'",
    });
    expect(clockOf({ timers, words: word })).to.include({
      pitLostTickPolicy: 'delay',
      pitDecidedBy: 'qemu:arg -global kvm-pit.lost_tick_policy=delay',
    });
  });
});

describe('driftfix', () => {
  it('yields to a -global of the RTC, wherever that stands', () => {
    const timers = "<timer name='rtc' tickpolicy='catchup'/>";
    const global = ['-global', 'mc146818rtc.lost_tick_policy=discard'];
    expect(clockOf({ timers }).rtc).to.include({
      driftfix: 'slew',
      driftfixDecidedBy: "timer rtc tickpolicy='catchup'",
    });
    expect(clockOf({ words: [...global, '-rtc', 'driftfix=slew'] }).rtc).to.include({
      driftfix: 'none',
      driftfixDecidedBy: 'qemu:arg -global mc146818rtc.lost_tick_policy=discard',
    });
    const last = ['-global', 'driver=mc146818rtc,property=lost_tick_policy,value=slew'];
    expect(clockOf({ words: [...global, ...last] }).rtc.driftfix).to.equal('slew');
    expect(clockOf({ timers, words: ['-rtc', 'driftfix=none'] }).rtc.driftfixDecidedBy).to.equal(
      'qemu:arg -rtc driftfix=none',
    );
  });
});

describe('the CPU', () => {
  const cpu = (attributes: string) => ({ inside: `<cpu ${attributes}/>` });

  it('is migratable where host-passthrough does not say otherwise', () => {
    expect(definitionOfParts(cpu("mode='host-passthrough'"))).to.include({ cpuMode: 'host-passthrough' });
    expect(clockOf(cpu("mode='host-passthrough'")).migratable).to.equal(true);
    expect(clockOf(cpu("mode='host-passthrough' migratable='off'")).migratable).to.equal(false);
    expect(
      clockOf({ ...cpu("mode='host-passthrough'"), words: ['-cpu', 'host,migratable=no'] }).migratable,
    ).to.equal(false);
    expect(clockOf(cpu("mode='host-model'")).migratable).to.equal(null);
    expect(definitionOfParts({}).cpuMode).to.equal(null);
  });

  it("has no kvm-clock under Hyper-V's own hypervisor", () => {
    expect(clockOf({ type: 'hyperv' })).to.include({
      kvmclock: 'inert',
      kvmclockDecidedBy: "domain type='hyperv'",
    });
  });
});
