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
    const global = ['-global', 'qemu64-x86_64-cpu.kvmclock=off'];
    expect(effective({ words: global }).kvmclock).to.equal('off');
    expect(effective({ words: ['-global', 'driver=x86_64-cpu,property=kvm,value=off'] }).kvmclock).to.equal(
      'hidden',
    );
    expect(effective({ words: [...global, '-cpu', 'qemu64,kvmclock=on'] }).kvmclock).to.equal('on');
    const later = ['-global', 'x86_64-cpu.kvmclock=on'];
    expect(effective({ words: [...global, ...later] }).kvmclock).to.equal('on');
    expect(effective({ words: [...later, ...global] }).kvmclock).to.equal('off');
  });

  const types: readonly [type: string, cpu: string, counts: boolean][] = [
    ['cpu', 'host', true],
    ['x86_64-cpu', 'host', true],
    ['host-x86_64-cpu', 'host', true],
    ['max-x86_64-cpu', 'host', true],
    ['host-x86_64-cpu', 'max', false],
    ['base-x86_64-cpu', 'qemu64', false],
    ['kvm64-x86_64-cpu', 'qemu64', false],
    ['Skylake-Client-x86_64-cpu', 'Skylake-Client,+x2apic', true],
    ['Skylake-Client-v1-x86_64-cpu', 'Skylake-Client', false],
    ['i386-cpu', 'qemu64', false],
    ['qemu64', 'qemu64', false],
  ];
  for (const [type, cpu, counts] of types) {
    it(`a -global of ${type} counts ${counts ? '' : 'not '}for -cpu ${cpu}`, () => {
      const words = ['-global', `${type}.kvmclock=off`, '-cpu', cpu];
      expect(effective({ words }).kvmclock).to.equal(counts ? 'off' : 'on');
    });
  }

  it("a -global of a model counts for the definition's CPU", () => {
    const kvmclockOf = (inside: string, type: string) =>
      effective({ inside, words: ['-global', `${type}.kvmclock=off`] }).kvmclock;
    const haswell = "<cpu mode='custom' match='exact'><model fallback='forbid'>Haswell</model></cpu>";
    expect(kvmclockOf(haswell, 'Haswell-x86_64-cpu')).to.equal('off');
    expect(kvmclockOf(haswell, 'qemu64-x86_64-cpu')).to.equal('on');
    expect(kvmclockOf("<cpu mode='host-passthrough'/>", 'host-x86_64-cpu')).to.equal('off');
    expect(kvmclockOf("<cpu mode='maximum'/>", 'host-x86_64-cpu')).to.equal('on');
    // Which model that is shows on the host alone.
    expect(kvmclockOf("<cpu mode='host-model'/>", 'Haswell-x86_64-cpu')).to.equal('off');
  });

  const frequencies: Record<string, number | null> = {
    'tsc-frequency=2500000000': 2_500_000_000,
    'tsc-freq=2500000000': 2_500_000_000,
    'tsc-freq=2.5G': 2_500_000_000,
    'tsc_freq=2500m': 2_500_000_000,
    'tsc-freq=2599998.5K': 2_599_998_500,
    'tsc-freq=0x10M': 16_000_000,
    'tsc-freq=16B': 16,
    'tsc-freq=1T,tsc-frequency=5': 5,
    'tsc-freq=.5G': null,
    'tsc-freq=2.5': null,
    'tsc-freq=1.5e9': null,
    'tsc-freq=fast': null,
  };
  for (const [property, expected] of Object.entries(frequencies)) {
    it(`-cpu ${property}: the TSC has ${expected} Hz`, () => {
      expect(effective({ words: ['-cpu', `host,${property}`] }).tscFrequencyHz).to.equal(expected);
    });
  }

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
