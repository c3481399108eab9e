import { expect } from 'chai';
import { readDefinition } from '../../src/domxml/definition.js';
import { clockWords } from '../../src/facts/qemuOptions.js';

interface Parts {
  readonly type?: string;
  readonly features?: string;
  readonly timers?: string;
  readonly inside?: string;
  readonly words?: readonly string[];
}

function clockOf({ type = 'kvm', features = '', timers = '', inside = '', words = [] }: Parts) {
  const args = words.map((word) => `<qemu:arg value='${word}'/>`).join('');
  return readDefinition(
    `<domain type='${type}' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><name>n</name>
    <os><type arch='x86_64' machine='q35'>hvm</type></os><clock offset='utc'>${timers}</clock>
    <cpu mode='host-passthrough'>${features}</cpu>${inside}
    <qemu:commandline>${args}</qemu:commandline></domain>`,
    null,
  ).effectiveClock;
}

const feature = (policy: string) => `<feature policy='${policy}' name='hypervisor'/>`;
const hypervclock = "<timer name='hypervclock' present='yes'/>";

describe("the CPU's hypervisor bit", () => {
  for (const policy of ['disable', 'forbid']) {
    it(`hides both clocks with the policy ${policy}`, () => {
      const by = `cpu feature hypervisor policy='${policy}'`;
      const timers = `<timer name='kvmclock' present='yes'/>${hypervclock}`;
      const clock = clockOf({ features: feature(policy), timers });
      expect(clock).to.include({
        kvmclock: 'hidden',
        kvmclockDecidedBy: by,
        kvmclockAsked: 'on',
        hvTime: 'off',
        hvTimeDecidedBy: by,
      });
      expect(clock.qemuArgs).to.include('-cpu hypervisor=off');
    });
  }

  for (const policy of ['require', 'force', 'optional']) {
    it(`hides nothing with the policy ${policy}`, () => {
      expect(clockOf({ features: feature(policy), timers: hypervclock })).to.include({
        kvmclock: 'on',
        hvTime: 'on',
      });
    });
  }

  const spellings: Record<string, string> = {
    'host,hypervisor=off': 'qemu:arg -cpu hypervisor=off',
    'host,-hypervisor': 'qemu:arg -cpu hypervisor=off',
    'host,-hypervisor,hypervisor=on': 'qemu:arg -cpu hypervisor=off',
    'host,hypervisor=no,hv-time': 'qemu:arg -cpu hypervisor=off',
    'host,kvm=off,hypervisor=off': 'qemu:arg -cpu kvm=off',
  };
  for (const [cpu, by] of Object.entries(spellings)) {
    it(`is off by -cpu ${cpu}, as in a process`, () => {
      expect(clockOf({ words: ['-cpu', cpu] })).to.include({
        kvmclock: 'hidden',
        kvmclockDecidedBy: by,
        hvTime: 'off',
        hvTimeDecidedBy: 'qemu:arg -cpu hypervisor=off',
      });
      expect(clockWords(['-cpu', `${cpu},vmx=on`])).to.deep.equal(['-cpu', cpu]);
    });
  }

  it('is off by a -global, and on again by the last word', () => {
    const words = ['-global', 'x86_64-cpu.hypervisor=off'];
    expect(clockOf({ words }).kvmclockDecidedBy).to.equal('qemu:arg -global hypervisor=off');
    expect(clockOf({ words: [...words, '-cpu', 'host,hypervisor=on'] }).kvmclock).to.equal('on');
    expect(clockOf({ features: feature('disable'), words: ['-cpu', 'host'] }).kvmclock).to.equal('on');
  });

  it('takes all enlightenments along, those of passthrough too', () => {
    const inside = "<features><hyperv mode='passthrough'><synic state='on'/></hyperv></features>";
    expect(clockOf({ inside })).to.include({ hvTime: 'on', hvPassthrough: true });
    const { enlightenments, ...clock } = clockOf({ inside, features: feature('disable') });
    expect(clock).to.include({ hvTime: 'off', hvPassthrough: false });
    expect(enlightenments).to.deep.equal([]);
  });

  it('is not <kvm><hidden>', () => {
    const inside = "<features><kvm><hidden state='on'/></kvm></features>";
    expect(clockOf({ inside, timers: hypervclock })).to.include({
      kvmclock: 'hidden',
      kvmclockDecidedBy: "kvm hidden state='on'",
      hvTime: 'on',
    });
  });

  it('hides nothing where there is no KVM', () => {
    expect(clockOf({ type: 'qemu', features: feature('disable') })).to.include({
      kvmclock: 'inert',
      kvmclockDecidedBy: "domain type='qemu'",
    });
  });
});
