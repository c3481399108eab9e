import { expect } from 'chai';
import { readDefinition } from '../../src/domxml/definition.js';
import type { DefinitionText, DomainFacts } from '../../src/facts/domain.js';
import { known, unknown } from '../../src/facts/fact.js';
import { patchDomain } from '../../src/remediation/domainPatch.js';
import { args, patchContext, STIMER, WINDOWS } from '../support/patchPlans.js';

const UUID = '3d5f1f26-9a5c-4b4e-8d0f-0c9d4f4c6a10';
const AGENT =
  "<devices><channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel></devices>";
const NO_HPET = "<timer name='hpet' present='no'/>";
const domain = (inside: string) =>
  `<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><os><type arch='x86_64' machine='q35'>hvm</type></os>${inside}</domain>`;

interface Situation {
  readonly name?: string;
  readonly source?: string;
  readonly uuid?: string;
  readonly managedSave?: boolean;
  readonly origin?: DefinitionText['origin'];
  readonly isLive?: boolean;
}

function remarksOn(inside: string, situation: Situation = {}): readonly string[] {
  const {
    name = 'guest',
    source = 'qemu:///system',
    uuid = UUID,
    managedSave = false,
    origin = 'dumpxml',
    isLive,
  } = situation;
  const xml = domain(inside);
  const nobody = unknown('test', 'not-in-file', 'a file does not tell');
  const facts: DomainFacts = {
    name,
    uuid,
    source,
    state: nobody,
    persistent: nobody,
    managedSave: known(managedSave, 'test'),
    definitions: { [isLive ? 'live' : 'inactive']: known({ xml, origin }, 'test') },
  };
  return patchDomain(facts, readDefinition(xml, null), patchContext()).remarks;
}

const STOP = 'takes effect at a full stop and start of the guest; a reboot inside the guest is not enough';
const REFUSED =
  'a live migration or a restore between the old definition and the new one is refused: libvirt compares these';

describe('remarks on a patch', () => {
  it('say no more than the restart for what no migration compares', () => {
    const clock = `<clock offset='utc'><timer name='rtc' track='guest'/>${NO_HPET}</clock>`;
    expect(remarksOn(`${clock}${AGENT}`)).to.deep.equal([STOP]);
  });

  it('tell which timers are added, and that their order counts', () => {
    expect(remarksOn(`<clock offset='utc'><timer name='pit'/></clock>${AGENT}`)).to.deep.equal([
      'adds a timer: hpet, behind those that there are; a migration compares their number and order',
      REFUSED,
      STOP,
    ]);
    for (const none of [AGENT, `<clock offset='utc'/>${AGENT}`]) {
      expect(remarksOn(none)[0]).to.equal('adds a timer: hpet; a migration compares their number and order');
    }
  });

  it('tell of timers that are turned, of features and of devices', () => {
    const clock = `<clock offset='localtime'><timer name='hypervclock' present='no'/>${NO_HPET}</clock>`;
    expect(remarksOn(`${WINDOWS}${clock}`)).to.deep.equal([
      'also edits for domain/hyperv-stimer, which would only come to light with the rest of the patch',
      'changes what a migration compares of the timers: present',
      'changes Hyper-V features, which a migration compares: vpindex, synic, stimer; the host must have them (virsh domcapabilities)',
      'adds a device: a virtio channel, and a controller for it where there is none; a migration compares the devices',
      REFUSED,
      STOP,
    ]);
    const off = STIMER.replace("<synic state='on'/>", "<synic state='off'/>");
    const on = "<clock offset='localtime'><timer name='hypervclock' present='yes'/>";
    expect(remarksOn(`${WINDOWS}${off}${on}${NO_HPET}</clock>${AGENT}`)[0]).to.match(
      /^changes Hyper-V features, .*: synic;/,
    );
  });

  it("tell when KVM's signature comes to light", () => {
    const clock = `<clock offset='utc'>${NO_HPET}</clock>${AGENT}`;
    const hidden = "<features><kvm><hidden state='on'/></kvm></features>";
    const bit = "<cpu mode='host-passthrough'><feature policy='disable' name='hypervisor'/></cpu>";
    expect(remarksOn(`${hidden}${clock}`)[0]).to.equal(
      'what the guest runs is not certain (nothing in the definition names it): keep KVM hidden, and kvm-clock off, if it has to see no hypervisor',
    );
    expect(remarksOn(`${hidden}${clock}`)[1]).to.equal(
      "changes what the guest's CPU tells of the hypervisor: KVM's signature",
    );
    expect(remarksOn(`${bit}${clock}`)[1]).to.equal(
      "changes what the guest's CPU tells of the hypervisor: the feature hypervisor",
    );
  });

  it('warn of hardware in arguments, which no migration compares, and not of the time that the RTC starts with', () => {
    const inside = (...words: string[]) => `<clock offset='utc'>${NO_HPET}</clock>${AGENT}${args(...words)}`;
    expect(remarksOn(inside('-machine', 'hpet=on'))).to.deep.equal([
      "changes the guest's hardware in qemu:commandline, which libvirt does not compare: let no live migration or restore go from the old definition to the new one",
      STOP,
    ]);
    expect(remarksOn(inside('-rtc', 'clock=vm'))).to.deep.equal([STOP]);
  });

  it('warn of the shift of a Windows RTC', () => {
    const inside = `${WINDOWS}${STIMER}<clock offset='utc'><timer name='hypervclock' present='yes'/>${NO_HPET}</clock>${AGENT}`;
    expect(remarksOn(inside)).to.deep.equal([
      "the guest's RTC shifts at the next start: its clock is wrong from the boot until its time service corrects it, minutes later",
      'right unless the guest has RealTimeIsUniversal set: --guest-os NAME=windows,rtc=utc says so',
      STOP,
    ]);
  });

  it('name the managed save image by a name that no shell and no virsh takes for something else', () => {
    const inside = `<clock offset='localtime'>${NO_HPET}</clock>${AGENT}`;
    const command = (situation: Situation) =>
      /virsh managedsave-remove (.*) discards it/.exec(
        remarksOn(inside, { managedSave: true, ...situation }).join('\n'),
      )?.[1];
    expect(command({ name: 'web-1.example' })).to.equal('web-1.example');
    for (const name of ['-v', '7', 'a b', '$(reboot)', "it's", 'a\nb', 'ü', '', 'x'.repeat(101)]) {
      expect(command({ name }), name).to.equal(UUID);
    }
    expect(command({ name: 'facade00facade00facade00facade00' })).to.equal(UUID);
    expect(command({ name: '$(reboot)', uuid: '; reboot' })).to.equal('DOMAIN');
    expect(remarksOn(inside).join()).not.to.contain('managed');
  });

  it('name the connection of the managed save image, unless it is the usual one', () => {
    const inside = `<clock offset='localtime'>${NO_HPET}</clock>${AGENT}`;
    const of = (source: string) => remarksOn(inside, { managedSave: true, source }).join('\n');
    expect(of('qemu:///system')).to.contain('; virsh managedsave-remove guest discards it');
    expect(of('qemu:///session')).to.contain('; virsh -c qemu:///session managedsave-remove guest discards');
    expect(of('qemu+ssh://h/system?x=$(y)')).to.contain(
      "; virsh -c 'qemu+ssh://h/system?x=$(y)' managedsave-remove guest discards",
    );
  });

  it('tell of the XML that it was made from', () => {
    const inside = `<clock offset='localtime'>${NO_HPET}</clock>${AGENT}`;
    expect(remarksOn(inside, { origin: 'file', isLive: true })).to.include(
      'made from the XML of a running domain; define from virsh dumpxml --inactive instead',
    );
  });
});
