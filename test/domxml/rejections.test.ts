import { expect } from 'chai';
import { readDefinition } from '../../src/domxml/definition.js';
import { type DomainParts, definitionOfParts, hyperv } from '../support/domainParts.js';

describe('a definition that libvirt refuses', () => {
  const refused: Readonly<Record<string, DomainParts>> = {
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
    "cpu with the feature 'hypervisor' more than once": {
      inside: "<cpu mode='maximum'><feature name='hypervisor'/><feature name='hypervisor'/></cpu>",
    },
    "cpu feature 'hypervisor' with the unknown policy 'mars'": {
      inside: "<cpu mode='maximum'><feature name='hypervisor' policy='mars'/></cpu>",
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
  it('for an adjustment that no date can be made of', () => {
    const withClock = (attributes: string, type = 'kvm', words = '') =>
      readDefinition(
        `<domain type='${type}' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><name>n</name>
        <os><type arch='x86_64' machine='q35'>hvm</type></os><clock ${attributes}/>
        <qemu:commandline>${words}</qemu:commandline></domain>`,
        null,
      ).rejections;
    expect(withClock("offset='variable' adjustment='253402300800'")).to.deep.equal([
      'clock adjustment of 253402300800 s beyond the year 9999, for which libvirt writes no date that QEMU takes',
    ]);
    expect(withClock("offset='localtime' adjustment='-99999999999'")).to.deep.equal([
      'clock adjustment of -99999999999 s before the year 1, for which libvirt writes no date that QEMU takes',
    ]);
    for (const seconds of [251_600_000_000, -62_167_219_200, 86_400 * 365 * 30]) {
      expect(withClock(`offset='variable' adjustment='${seconds}'`)).to.deep.equal([]);
    }
    const tooFar = "offset='variable' adjustment='253402300800'";
    expect(withClock(tooFar, 'xen')).to.deep.equal([]);
    expect(withClock(tooFar, 'kvm', "<qemu:arg value='-rtc'/><qemu:arg value='base=utc'/>")).to.deep.equal(
      [],
    );
  });

  it('for a domain of no type, whatever would run it', () => {
    const typeless = (attributes: string) =>
      readDefinition(`<domain${attributes}><name>n</name></domain>`, null);
    expect(typeless('').rejections).to.deep.equal(['a domain without a type']);
    expect(typeless(" type=''").rejections).to.deep.equal(['a domain without a type']);
    expect(typeless(" type='lxc'").rejections).to.deep.equal([]);
  });

  for (const [reason, parts] of Object.entries(refused)) {
    it(reason, () => expect(definitionOfParts(parts).rejections).to.deep.equal([reason]));
  }

  it('is not one that only another version refuses', () => {
    const hostModel = { inside: hyperv('', " mode='host-model'") };
    expect(definitionOfParts({ ...hostModel, version: '11.9.0' }).rejections).to.deep.equal([]);
    expect(definitionOfParts(hostModel).rejections).to.deep.equal([]);
    expect(definitionOfParts({ ...hostModel, version: '11.8.0' }).rejections).to.have.length(1);
    const hpet = { timers: "<timer name='hpet' present='yes'/>", machine: 'pc-q35-8.0' };
    expect(definitionOfParts({ ...hpet, version: '9.2.0' }).rejections).to.deep.equal([]);
    expect(definitionOfParts({ inside: hyperv("<unheard_of state='maybe'/>") }).rejections).to.deep.equal([]);
  });
});
