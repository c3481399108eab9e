import { expect } from 'chai';
import { hypervclock } from '../../src/checks/domain/hypervclock.js';
import { kvmclock } from '../../src/checks/domain/kvmclock.js';
import { evaluateDefinition } from '../../src/checks/engine.js';
import { readDefinition } from '../../src/domxml/definition.js';
import { known } from '../../src/facts/fact.js';
import { hostLeftOut } from '../../src/facts/host.js';
import { DEFAULT_POLICY } from '../../src/policy/policy.js';
import { planPatch } from '../../src/remediation/patch.js';
import { definitionOf, linux, unknownGuest, windows } from '../support/definitions.js';
import { verdictOn } from '../support/verdicts.js';

const host = hostLeftOut('left out by the test');

describe('kvm-clock', () => {
  it('is a must for those who have a driver for it', () => {
    expect(verdictOn(kvmclock, definitionOf())).to.equal('pass on');
    for (const guestOs of [linux, windows('weak')]) {
      expect(verdictOn(kvmclock, definitionOf({ guestOs, clock: { kvmclock: 'off' } }))).to.equal(
        'fail switched-off',
      );
    }
    for (const guestOs of [linux, unknownGuest]) {
      expect(verdictOn(kvmclock, definitionOf({ guestOs, clock: { kvmclock: 'hidden' } }))).to.equal(
        'fail kvm-hidden',
      );
    }
  });

  describe('that is hidden, perhaps on purpose', () => {
    const hide = "<features><kvm><hidden state='on'/></kvm></features>";
    const noBit = "<cpu mode='host-passthrough'><feature policy='disable' name='hypervisor'/></cpu>";
    const gpu = "<devices><hostdev mode='subsystem' type='pci'><source/></hostdev></devices>";
    const vendor =
      "<features><hyperv><vendor_id state='on' value='null'/></hyperv><kvm><hidden state='on'/></kvm></features>";
    const passed = (...words: string[]) =>
      `<qemu:commandline>${words.map((word) => `<qemu:arg value='${word}'/>`).join('')}</qemu:commandline>`;
    const libosinfo = (id: string) =>
      `<metadata><l:libosinfo xmlns:l='http://libosinfo.org/xmlns/libvirt/domain/1.0'><l:os id='${id}'/></l:libosinfo></metadata>`;
    const kernel = '<kernel>/boot/vmlinuz</kernel><cmdline>ro</cmdline>';
    const fedora = libosinfo('http://fedoraproject.org/fedora/40');
    const of = (inside: string, { name = 'guest', boot = '' } = {}) =>
      readDefinition(
        `<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><name>${name}</name><os><type arch='x86_64' machine='q35'>hvm</type>${boot}</os>${inside}</domain>`,
        null,
      );
    const cases: Record<string, ReturnType<typeof of>> = {
      'a PCI device': of(hide + gpu),
      'a PCI device and a name of Linux': of(hide + gpu, { name: 'ubuntu-gpu' }),
      'a PCI device by an argument': of(hide + passed('-device', 'vfio-pci,host=0b:00.0')),
      'a PCI device, and no hypervisor bit': of(noBit + gpu),
      'a PCI device, and kvm=off in an argument': of(gpu + passed('-cpu', 'host,kvm=off')),
      "Hyper-V's vendor id": of(vendor),
      "Hyper-V's vendor id in an argument": of(passed('-cpu', 'host,kvm=off,hv_vendor_id=null')),
      'Hyper-V features in an argument': of(passed('-cpu', 'host,-hypervisor,hv_relaxed,hv-vapic=on')),
      'a name of Windows': of(hide, { name: 'win10' }),
      'a name of macOS': of(hide, { name: 'macos-ventura' }),
      'the chip of a Mac': of(hide + passed('-device', 'isa-applesmc,osk=x')),
      'local time': of(`${hide}<clock offset='localtime'/>`),
      'local time of another basis': of(`${hide}<clock offset='variable' adjustment='0' basis='localtime'/>`),
      'a zone': of(`${hide}<clock offset='timezone' timezone='Europe/Paris'/>`),
      'Windows metadata against a kernel': of(hide + libosinfo('http://microsoft.com/win/10'), {
        boot: kernel,
      }),
    };
    for (const [what, definition] of Object.entries(cases)) {
      it(`warns without a remedy: ${what}`, () => {
        expect(verdictOn(kvmclock, definition)).to.equal('warn kvm-hidden-on-purpose');
        const finding = evaluateDefinition(kvmclock, known(definition, 'test'), host, DEFAULT_POLICY);
        expect(finding.remedy).to.deep.equal([]);
      });
    }

    it('fails, and can be mended, where the guest is certain or nothing suggests it', () => {
      for (const definition of [
        of(hide),
        of(noBit),
        of(hide, { name: 'ubuntu' }),
        of(hide + fedora + gpu),
        of(vendor + fedora),
        of(passed('-cpu', 'host,kvm=off')),
        of(`${hide}<devices><hostdev mode='subsystem' type='usb'/></devices>`),
      ]) {
        expect(verdictOn(kvmclock, definition)).to.equal('fail kvm-hidden');
      }
    });

    it('leaves the RTC of such a guest alone as well', () => {
      const context = { libvirtVersion: null, host, policy: DEFAULT_POLICY };
      const timers = "<timer name='hpet' present='no'/>";
      const agent = "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>";
      const text = (inside: string) =>
        `<domain type='kvm'><os><type arch='x86_64' machine='q35'>hvm</type></os>${inside}<clock offset='localtime'>${timers}</clock><devices>${agent}</devices></domain>`;
      expect(planPatch(text(hide), context).kind).to.equal('nothing-to-fix');
      expect(planPatch(text(''), context).kind).to.equal('patch');
    });

    it('does not show KVM because another edit takes away what suggested it', () => {
      const context = { libvirtVersion: null, host, policy: DEFAULT_POLICY };
      const text = (clock: string) =>
        `<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><os><type arch='x86_64' machine='q35'>hvm</type></os>${hide}${clock}</domain>`;
      for (const clock of [
        "<clock offset='localtime' adjustment='5'/>",
        "<clock offset='variable' basis='localtime' adjustment='4000'/>",
        "<clock offset='timezone' timezone='Mars/Phobos'/>",
      ]) {
        const plan = planPatch(text(clock), context);
        if (plan.kind !== 'patch') throw new Error(`${clock}: ${plan.kind}`);
        expect(plan.after, clock).to.contain(hide);
        expect(plan.mends, clock).to.include('domain/hpet').and.not.to.include('domain/kvmclock');
      }
    });

    it('leaves a Windows guest that has to see no hypervisor without its clock', () => {
      const windowsOf = (inside: string) => of(libosinfo('http://microsoft.com/win/10') + noBit + inside);
      expect(verdictOn(hypervclock, windowsOf(gpu))).to.equal('warn hidden-on-purpose');
      expect(verdictOn(hypervclock, windowsOf(''))).to.equal('fail off');
    });
  });

  it('is nothing that Windows misses, but asking for it in vain is a mistake', () => {
    const hidden = { kvmclock: 'hidden', kvmclockAsked: null } as const;
    expect(verdictOn(kvmclock, definitionOf({ guestOs: windows(), clock: hidden }))).to.equal(
      'info not-used',
    );
    const asked = { kvmclock: 'hidden', kvmclockAsked: 'on' } as const;
    expect(verdictOn(kvmclock, definitionOf({ guestOs: windows(), clock: asked }))).to.equal('warn inert');
  });

  it('is not to be had under TCG', () => {
    const tcg = (kvmclockAsked: 'on' | null) =>
      definitionOf({ virtType: 'qemu', clock: { kvmclock: 'inert', kvmclockAsked } });
    expect(verdictOn(kvmclock, tcg('on'))).to.equal('warn inert');
    expect(verdictOn(kvmclock, tcg(null))).to.equal('not-applicable no-kvm');
  });
});
