import { expect } from 'chai';
import { readDefinition } from '../../src/domxml/definition.js';

interface Parts {
  readonly words?: readonly string[];
  readonly clock?: string;
  readonly root?: string;
  readonly inside?: string;
}

function effective({ words = [], clock = "<clock offset='utc'/>", root = '', inside = '' }: Parts) {
  const args = words.map((word) => `<qemu:arg value='${word}'/>`).join('');
  const xml = `<domain type='kvm' ${root} xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><name>n</name>
    <os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>${clock}${inside}
    <qemu:commandline>${args}</qemu:commandline></domain>`;
  return readDefinition(xml, null).effectiveClock;
}

describe('arguments are merged as QEMU does it', () => {
  const kvmclock: Record<string, string> = {
    'host,kvmclock=off': 'off',
    'host,-kvmclock': 'off',
    'host,-kvmclock,kvmclock=on': 'off',
    'host,+kvmclock,kvmclock=off': 'on',
    'host,+kvmclock,-kvmclock': 'off',
    'host,kvmclock=off,kvmclock=on': 'on',
    'host,kvm=n': 'hidden',
    'host,kvm=no': 'hidden',
    'host,kvm=off,hv_vendor_id=x': 'hidden',
    'host,kvm=on': 'on',
    host: 'on',
  };
  for (const [cpu, expected] of Object.entries(kvmclock)) {
    it(`-cpu ${cpu}: kvm-clock is ${expected}`, () => {
      expect(effective({ words: ['-cpu', cpu] }).kvmclock).to.equal(expected);
    });
  }

  it('only the last -cpu counts', () => {
    expect(effective({ words: ['-cpu', 'host,kvm=off', '-cpu', 'host'] }).kvmclock).to.equal('on');
  });

  it('a -global of the CPU counts where -cpu says nothing', () => {
    const global = ['-global', 'host-x86_64-cpu.kvmclock=off'];
    expect(effective({ words: global }).kvmclock).to.equal('off');
    expect(effective({ words: ['-global', 'driver=x86_64-cpu,property=kvm,value=off'] }).kvmclock).to.equal(
      'hidden',
    );
    expect(effective({ words: [...global, '-cpu', 'host,kvmclock=on'] }).kvmclock).to.equal('on');
  });

  it('the keys of several -rtc are merged one by one', () => {
    const { rtc } = effective({ words: ['-rtc', 'base=localtime,clock=vm', '--rtc', 'clock=host'] });
    expect(rtc).to.include({ base: 'localtime', clock: 'host' });
  });

  it('the word behind an option is its value, and none behind a flag', () => {
    expect(effective({ words: ['-name', '-rtc', '-rtc', 'clock=vm'] }).rtc.clock).to.equal('vm');
    expect(effective({ words: ['-name', '-rtc', 'clock=vm'] }).rtc.clock).to.equal('host');
    expect(effective({ words: ['-async-teardown', '-rtc', 'clock=vm'] }).rtc.clock).to.equal('vm');
  });
});

describe('names from a document', () => {
  it('are never taken for what an object inherits', () => {
    const odd = "<metadata><constructor><a/></constructor><__proto__ xmlns='urn:x'/></metadata>";
    const { rtc } = effective({
      inside: odd,
      clock: "<clock offset='utc'><timer name='rtc' track='constructor'/></clock>",
    });
    expect(rtc.clock).to.equal('host');
  });

  it('count by their namespace, whatever the prefix', () => {
    const commandline =
      "<commandline xmlns='http://libvirt.org/schemas/domain/qemu/1.0'><arg value='-rtc'/><arg value='clock=vm'/></commandline>";
    expect(effective({ inside: commandline }).rtc.clock).to.equal('vm');
    expect(effective({ clock: "<clock xmlns='urn:x' offset='localtime'/>" }).rtc.base).to.equal('utc');
  });
});
