import { expect } from 'chai';
import { readDefinition } from '../../src/domxml/definition.js';

interface Parts {
  readonly type?: string;
  readonly machine?: string;
  readonly arch?: string;
  readonly timers?: string;
  readonly inside?: string;
  readonly words?: readonly string[];
  readonly version?: string | null;
}

function read({
  type = 'kvm',
  machine = 'q35',
  arch = 'x86_64',
  timers = '',
  inside = '',
  words = [],
  version = null,
}: Parts) {
  const args = words.map((word) => `<qemu:arg value='${word}'/>`).join('');
  return readDefinition(
    `<domain type='${type}' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><name>n</name>
    <os><type arch='${arch}' machine='${machine}'>hvm</type></os><clock offset='utc'>${timers}</clock>${inside}
    <qemu:commandline>${args}</qemu:commandline></domain>`,
    version,
  );
}
const clockOf = (parts: Parts) => read(parts).effectiveClock;
const hyperv = (children: string, attributes = '') =>
  `<features><hyperv${attributes}>${children}</hyperv></features>`;

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
    expect(read(cpu("mode='host-passthrough'"))).to.include({ cpuMode: 'host-passthrough' });
    expect(clockOf(cpu("mode='host-passthrough'")).migratable).to.equal(true);
    expect(clockOf(cpu("mode='host-passthrough' migratable='off'")).migratable).to.equal(false);
    expect(
      clockOf({ ...cpu("mode='host-passthrough'"), words: ['-cpu', 'host,migratable=no'] }).migratable,
    ).to.equal(false);
    expect(clockOf(cpu("mode='host-model'")).migratable).to.equal(null);
    expect(read({}).cpuMode).to.equal(null);
  });

  it("has no kvm-clock under Hyper-V's own hypervisor", () => {
    expect(clockOf({ type: 'hyperv' })).to.include({
      kvmclock: 'inert',
      kvmclockDecidedBy: "domain type='hyperv'",
    });
  });
});

describe('overrides', () => {
  it('name what the elements of the QEMU driver say about the clock, and nothing else', () => {
    const inside = `<qemu:commandline><qemu:env name='TZ' value='UTC'/><qemu:env name='LANG' value='C'/></qemu:commandline>
      <qemu:capabilities><qemu:add capability='machine-hpet'/><qemu:del capability='no-hpet'/><qemu:del capability='vnc'/></qemu:capabilities>
      <qemu:override><qemu:device alias='x'><qemu:frontend><qemu:property name='lost_tick_policy' type='string' value='slew'/></qemu:frontend></qemu:device></qemu:override>`;
    const words = [
      '--rtc',
      'clock=vm',
      '-M',
      'usb=off',
      '-M',
      'q35,hpet=off',
      '-S',
      '-global',
      'vga.x=1',
      '-icount',
      'auto',
      '-readconfig',
      'f',
      '-name',
      '-no-hpet',
    ];
    expect(clockOf({ inside, words }).overrides).to.have.members([
      'qemu:arg -rtc clock=vm',
      'qemu:arg -machine q35,hpet=off',
      'qemu:arg -icount auto',
      'qemu:arg -readconfig f',
      'qemu:env TZ=UTC',
      'qemu:capabilities add machine-hpet',
      'qemu:capabilities del no-hpet',
    ]);
    expect(clockOf({}).overrides).to.deep.equal([]);
  });

  it('never show more of a value than helps', () => {
    const [shown = ''] = clockOf({ words: ['-cpu', `host,${'x'.repeat(10_000)}`] }).overrides;
    expect(shown.length).to.be.below(250);
  });
});

describe('a definition that libvirt refuses', () => {
  const refused: Readonly<Record<string, Parts>> = {
    "timer 'mars' with the unknown name 'mars'": { timers: "<timer name='mars'/>" },
    "timer 'tsc' with the frequency '-0', which is no number": {
      timers: "<timer name='tsc' frequency='-0'/>",
    },
    "hyperv feature 'stimer' with the unknown state 'yes'": { inside: hyperv("<stimer state='yes'/>") },
    "stimer feature 'direct' without a state": { inside: hyperv("<stimer state='on'><direct/></stimer>") },
    "hyperv with the unknown mode 'mars'": { inside: hyperv('', " mode='mars'") },
    "kvm feature 'hidden' without a state": { inside: '<features><kvm><hidden/></kvm></features>' },
    "cpu with the feature 'invtsc' more than once": {
      inside: "<cpu mode='maximum'><feature name='invtsc'/><feature name='invtsc'/></cpu>",
    },
    "cpu migratable='off' without mode='host-passthrough' or 'maximum'": {
      inside: "<cpu mode='host-model' migratable='off'/>",
    },
    "timer 'hpet' with present='yes', which libvirt does not find in QEMU": {
      timers: "<timer name='hpet' present='yes'/>",
      machine: 'pc-q35-8.0',
      version: '9.0.0',
    },
  };
  for (const [reason, parts] of Object.entries(refused)) {
    it(reason, () => expect(read(parts).rejections).to.deep.equal([reason]));
  }

  it('is not one that only another version refuses', () => {
    const hostModel = { inside: hyperv('', " mode='host-model'") };
    expect(read({ ...hostModel, version: '11.9.0' }).rejections).to.deep.equal([]);
    expect(read(hostModel).rejections).to.deep.equal([]);
    expect(read({ ...hostModel, version: '11.8.0' }).rejections).to.have.length(1);
    const hpet = { timers: "<timer name='hpet' present='yes'/>", machine: 'pc-q35-8.0' };
    expect(read({ ...hpet, version: '9.2.0' }).rejections).to.deep.equal([]);
    expect(read({ inside: hyperv("<unheard_of state='maybe'/>") }).rejections).to.deep.equal([]);
  });
});
