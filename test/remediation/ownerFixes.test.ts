import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { evaluateDomain } from '../../src/checks/engine.js';
import type { Finding } from '../../src/checks/finding.js';
import { DOMAIN_CHECKS } from '../../src/checks/registry.js';
import { readDefinition } from '../../src/domxml/definition.js';
import type { DomainDefinition, Owner } from '../../src/facts/definition.js';
import { hostLeftOut } from '../../src/facts/host.js';
import { DEFAULT_POLICY } from '../../src/policy/policy.js';
import type { OwnerFix } from '../../src/remediation/ownerFix.js';
import { ownerFixFor } from '../../src/remediation/ownerFixes.js';
import { definitionOf, linux, nova, situationOf, windows } from '../support/definitions.js';
import { runCommand } from '../support/runCommand.js';
import { shellWords } from '../support/shellWords.js';

const fixtures = join(import.meta.dirname, '../fixtures/domxml');
const UUID = 'd08023f9-b49b-46de-b211-b60b37861fc9';
const IMAGE = 'cedbb0a9-5ee3-4dcc-8b35-c1a297e7da92';
const kubevirt: Owner = { kind: 'kubevirt', label: 'KubeVirt', rewrittenBy: 'at a start' };
const ovirt: Owner = { kind: 'ovirt', label: 'oVirt', rewrittenBy: 'at a start' };

function findingsOf(definition: DomainDefinition): Finding[] {
  const situation = situationOf({ inactive: definition });
  const host = hostLeftOut('left out by the test');
  return DOMAIN_CHECKS.flatMap((check) => evaluateDomain(check, situation, host, DEFAULT_POLICY));
}

function fixOf(definition: DomainDefinition, name = 'telco_upf-0', uuid: string | null = UUID): OwnerFix {
  const fix = ownerFixFor(definition, findingsOf(definition), { name, uuid });
  if (!fix) throw new Error('nothing is offered');
  return fix;
}

const fixtureFix = (name: string, uuid?: string) => {
  const xml = readFileSync(join(fixtures, `${name}.xml`), 'utf8');
  const definition = readDefinition(xml, null);
  return fixOf(definition, definition.name, uuid ?? definition.uuid);
};
const commandsOf = ({ steps }: OwnerFix) => steps.flatMap(({ command }) => command ?? []);
/** The member of the patched VirtualMachine that stands for the domain. */
const kubevirtDomain = (fix: OwnerFix) => {
  const words = shellWords(commandsOf(fix).find((it) => it.startsWith('kubectl ')) ?? '');
  return JSON.parse(words[words.indexOf('--patch') + 1] ?? '').spec.template.spec.domain;
};
const healthy = { hpet: 'off', hpetDecidedBy: "timer hpet present='no'" } as const;
const connected = { agentChannel: 'configured' } as const;

describe("an owner's durable fix", () => {
  it('is nothing for a domain that nobody writes anew, and where nothing is wrong', () => {
    const ids = { name: 'x', uuid: UUID };
    const unowned = definitionOf();
    expect(findingsOf(unowned).map(({ code }) => code)).to.include('on');
    expect(ownerFixFor(unowned, findingsOf(unowned), ids)).to.equal(null);
    const libosinfo = definitionOf({ owner: { kind: 'libosinfo', label: 'virt-install' } });
    expect(ownerFixFor(libosinfo, findingsOf(libosinfo), ids)).to.equal(null);
    for (const owner of [nova, ovirt, kubevirt]) {
      const well = definitionOf({ owner, clock: healthy, ...connected });
      expect(ownerFixFor(well, findingsOf(well), ids), owner.kind).to.equal(null);
    }
  });

  it('leaves findings that ask for nothing alone', () => {
    const owner = { ...nova, imageProperties: { hw_time_hpet: 'true' } };
    const clock = { hpet: 'on', hpetDecidedBy: "timer hpet present='yes'" } as const;
    const definition = definitionOf({ owner, clock });
    expect(findingsOf(definition).map(({ code }) => code)).to.include.members([
      'asked-of-nova',
      'absent-by-nova',
    ]);
    expect(ownerFixFor(definition, findingsOf(definition), { name: 'x', uuid: UUID })).to.equal(null);
  });

  describe('in nova', () => {
    it('is os_type for a Windows guest that nova takes for another, by a rebuild that keeps the disk', () => {
      const fix = fixtureFix('nova-windows-as-utc');
      expect(commandsOf(fix)).to.deep.equal([
        `openstack image set --property os_type=windows ${IMAGE}`,
        `openstack server stop ${UUID}`,
        `openstack server image create --name clock-fix-${UUID} --wait ${UUID}`,
        `openstack image set --property os_type=windows clock-fix-${UUID}`,
        `openstack server rebuild --image clock-fix-${UUID} ${UUID}`,
        `openstack server start ${UUID}`,
      ]);
      expect(fix.owner).to.equal('OpenStack nova');
      expect(fix.undoneBy).to.match(
        /hard reboot.*stop and start.*resize.*evacuation.*rebuild.*unshelve.*rescue/,
      );
      for (const { checks } of fix.steps) {
        expect(checks).to.deep.equal(['domain/clock-offset', 'domain/hypervclock']);
      }
      expect(fix.steps[4]?.about).to.contain('destroys the root disk');
    });

    it('is os_type=linux for a Linux guest that nova takes for Windows', () => {
      const clock = {
        ...healthy,
        hvTime: 'on',
        rtc: { base: 'localtime', baseDecidedBy: "clock offset='localtime'" },
      } as const;
      const commands = commandsOf(
        fixOf(definitionOf({ owner: { ...nova, imageUuid: IMAGE }, guestOs: linux, clock })),
      );
      expect(commands[0]).to.equal(
        `openstack image set --property os_type=linux --property hw_qemu_guest_agent=yes ${IMAGE}`,
      );
      expect(commands).to.include(`openstack server rebuild --image clock-fix-${UUID} ${UUID}`);
      expect(commands.join('\n')).not.to.contain('nova-manage');
    });

    it('rebuilds nothing where no image is named, since a volume may be behind it', () => {
      const clock = { ...healthy };
      const fix = fixOf(definitionOf({ owner: nova, guestOs: windows(), clock, ...connected }));
      expect(commandsOf(fix)).to.deep.equal([
        'openstack image set --property os_type=windows IMAGE',
        `openstack server stop ${UUID}`,
        `openstack server start ${UUID}`,
      ]);
      expect(fix.steps[0]?.about).to.contain('in place of IMAGE').and.to.contain('volume');
      expect(fix.steps[2]?.about).to.contain('create the instance anew');
    });

    it('is a hard reboot for a clock that nova never writes', () => {
      const parts = [
        { clock: { ...healthy, rtc: { clock: 'vm', clockDecidedBy: "timer rtc track='guest'" } } },
        { clock: { ...healthy, kvmclock: 'off', kvmclockAsked: 'off' }, guestOs: linux },
        { clock: { ...healthy, rtc: { base: 'localtime' }, tz: 'Europe/Paris' }, guestOs: linux },
        { clock: { ...healthy, rtc: { base: 'localtime' } }, guestOs: linux },
        { clock: { ...healthy, overrides: ['qemu:arg -rtc clock=vm'] } },
        { clock: { hpet: 'on', hpetDecidedBy: "QEMU's default" } },
        {
          clock: {
            ...healthy,
            kvmclock: 'hidden',
            kvmclockDecidedBy: "cpu feature hypervisor policy='disable'",
          },
        },
      ] as const;
      for (const part of parts) {
        const fix = fixOf(definitionOf({ owner: { ...nova, imageUuid: IMAGE }, ...part, ...connected }));
        expect(commandsOf(fix), JSON.stringify(part)).to.deep.equal([
          `openstack server reboot --hard --wait ${UUID}`,
        ]);
      }
    });

    it('changes what is recorded for the HPET, the agent and a hidden KVM of the image', () => {
      const owner = {
        ...nova,
        imageUuid: IMAGE,
        flavorExtraSpecs: { 'hw:cpu_policy': 'shared' },
        imageProperties: { img_hide_hypervisor_id: 'yes' },
      };
      const clock = {
        hpet: 'on',
        hpetDecidedBy: "timer hpet present='yes'",
        kvmclock: 'hidden',
        kvmclockDecidedBy: "kvm hidden state='on'",
      } as const;
      const properties =
        '--property img_hide_hypervisor_id=false --property hw_time_hpet=false --property hw_qemu_guest_agent=yes';
      const fix = fixOf(definitionOf({ owner, clock, guestOs: linux }));
      expect(commandsOf(fix)).to.deep.equal([
        `openstack image set ${properties} ${IMAGE}`,
        `openstack server stop ${UUID}`,
        `nova-manage image_property set ${UUID} ${properties}`,
        `openstack server start ${UUID}`,
      ]);
    });

    it('resizes where the flavour hides KVM, and offers both where nova does not tell', () => {
      const clock = { ...healthy, kvmclock: 'hidden', kvmclockDecidedBy: "kvm hidden state='on'" } as const;
      const hidden = (owner: Partial<Owner>) =>
        commandsOf(
          fixOf(
            definitionOf({
              owner: { ...nova, imageUuid: IMAGE, ...owner },
              clock,
              guestOs: linux,
              ...connected,
            }),
          ),
        );
      const resize = [
        `openstack server resize --flavor OTHER_FLAVOR --wait ${UUID}`,
        `openstack server resize confirm ${UUID}`,
      ];
      expect(
        hidden({ flavor: 'gpu.large', flavorId: '7', flavorExtraSpecs: { hide_hypervisor_id: 'True' } }),
      ).to.deep.equal(['openstack flavor set --property hide_hypervisor_id=false 7', ...resize]);
      const both = hidden({ flavor: 'gpu large' });
      expect(both).to.include("openstack flavor set --property hw:hide_hypervisor_id=false 'gpu large'");
      expect(both).to.include(`openstack image set --property img_hide_hypervisor_id=false ${IMAGE}`);
      expect(both.slice(-2)).to.deep.equal(resize);
    });

    it('takes no Windows for Linux because its RTC is in UTC, and no DOS for Windows', () => {
      const local = { ...healthy, hvTime: 'on', rtc: { base: 'localtime' } } as const;
      const universal = { ...windows(), rtcIsUtc: true } as const;
      const dos = { family: 'dos', confidence: 'strong', evidence: 'test' } as const;
      for (const part of [
        { clock: local, guestOs: universal },
        { clock: healthy, guestOs: dos },
      ]) {
        const { steps } = fixOf(definitionOf({ owner: nova, ...part, ...connected }));
        expect(steps.map(({ command }) => command)).to.deep.equal([null]);
        expect(steps[0]?.about).to.contain('os_type windows').and.to.contain('no setting');
      }
    });

    it('says so where nova has no setting', () => {
      const fix = fixOf(definitionOf({ owner: nova, virtType: 'qemu', ...connected }));
      expect(commandsOf(fix)).to.deep.equal([]);
      expect(fix.steps[0]?.about).to.contain('virt_type=qemu');
    });
  });

  describe('in oVirt', () => {
    const clock = (adjustmentSeconds: number, more = {}) =>
      ({ ...healthy, ...more, rtc: { base: 'datetime', adjustmentSeconds, variableBasis: 'utc' } }) as const;

    it('is the time zone of the VM', () => {
      const put = (zone: string) =>
        `<vm><time_zone><name>${zone}</name></time_zone></vm>' https://ENGINE/ovirt-engine/api/vms/${UUID}`;
      const inLocalTime = commandsOf(
        fixOf(definitionOf({ owner: ovirt, guestOs: linux, clock: clock(7200), ...connected })),
      );
      expect(inLocalTime[0]).to.contain('--request PUT').and.to.contain(put('Etc/GMT'));
      expect(inLocalTime.slice(1).map((it) => it.split('/').at(-1))).to.deep.equal(['shutdown', 'start']);
      const inUtc = fixOf(
        definitionOf({
          owner: ovirt,
          guestOs: windows(),
          clock: clock(0, { hvTime: 'on', enlightenments: ['stimer'] }),
          ...connected,
        }),
      );
      expect(commandsOf(inUtc)[0]).to.contain(put('WINDOWS_ZONE'));
    });

    it('is the operating system for the reference time', () => {
      const fix = fixOf(definitionOf({ owner: ovirt, guestOs: windows(), clock: clock(3600), ...connected }));
      expect(commandsOf(fix)[0]).to.contain('<vm><os><type>WINDOWS_TYPE</type></os></vm>');
    });

    it("is the guest's own clock for an adjustment that fits no zone", () => {
      const [step, ...more] = fixtureFix('ovirt-odd-adjustment').steps;
      expect(more).to.deep.equal([]);
      expect(step?.command).to.equal(null);
      expect(step?.about).to.contain('hwclock --systohc');
    });

    it('is another run for what the engine never writes', () => {
      const fix = fixOf(definitionOf({ owner: ovirt, ...connected }), 'x', 'no uuid');
      expect(commandsOf(fix)).to.have.length(2);
      expect(commandsOf(fix)[0]).to.match(/api\/vms\/VM_ID\/shutdown$/);
      expect(fix.steps[1]?.about).to.contain('hook');
    });
  });

  describe('in KubeVirt', () => {
    const of = (part: Parameters<typeof definitionOf>[0]) =>
      fixOf(definitionOf({ owner: kubevirt, ...connected, ...part }));

    it('is a merge patch of the VirtualMachine and a restart', () => {
      const fix = fixtureFix('kubevirt-timezone');
      const commands = commandsOf(fix);
      expect(shellWords(commands[0] ?? '').slice(0, 9)).to.deep.equal(
        'kubectl patch virtualmachine report-worker --namespace batch --type merge --patch'.split(' '),
      );
      expect(commands.at(-1)).to.equal('virtctl restart report-worker --namespace batch');
      expect(kubevirtDomain(fix)).to.deep.equal({
        clock: {
          utc: { offsetSeconds: null },
          timezone: null,
          ...(kubevirtDomain(fix).clock.timer && { timer: { hpet: { present: false } } }),
        },
      });
    });

    it('says each thing in KubeVirt’s words', () => {
      expect(kubevirtDomain(of({}))).to.deep.equal({ clock: { timer: { hpet: { present: false } } } });
      const track = { ...healthy, rtc: { clock: 'vm', clockDecidedBy: "timer rtc track='guest'" } } as const;
      expect(kubevirtDomain(of({ clock: track }))).to.deep.equal({
        clock: { timer: { rtc: { track: 'wall' } } },
      });
      const off = { ...healthy, kvmclock: 'off', kvmclockDecidedBy: "timer kvmclock present='no'" } as const;
      expect(kubevirtDomain(of({ clock: off, guestOs: linux }))).to.deep.equal({
        clock: { timer: { kvm: { present: true } } },
      });
      const hidden = { ...healthy, kvmclock: 'hidden', kvmclockDecidedBy: "kvm hidden state='on'" } as const;
      expect(kubevirtDomain(of({ clock: hidden, guestOs: linux }))).to.deep.equal({
        features: { kvm: { hidden: false } },
      });
      const inert = { ...healthy, kvmclock: 'inert', kvmclockAsked: 'on' } as const;
      expect(kubevirtDomain(of({ clock: inert, virtType: 'qemu' }))).to.deep.equal({
        clock: { timer: { kvm: null } },
      });
    });

    it('completes the enlightenments of Windows, with the zone for the operator to fill in', () => {
      const odd = {
        ...healthy,
        enlightenments: ['stimer'],
        rtc: { base: 'datetime', adjustmentSeconds: 1234, variableBasis: 'utc' },
      } as const;
      const patch = kubevirtDomain(of({ clock: odd, guestOs: windows() }));
      expect(patch.clock).to.deep.equal({
        utc: null,
        timezone: 'GUEST_ZONE',
        timer: { hyperv: { present: true } },
      });
      expect(patch.features.hyperv).to.deep.equal({ synic: { enabled: true }, vpindex: { enabled: true } });
      const without = { ...healthy, hvTime: 'on', rtc: { base: 'localtime' }, tz: 'Europe/Berlin' } as const;
      expect(kubevirtDomain(of({ clock: without, guestOs: windows() })).features.hyperv).to.deep.include({
        synictimer: { enabled: true },
      });
    });

    it('is a restart for what KubeVirt never writes, and asks for an edit of lists', () => {
      const passed = of({ clock: { ...healthy, overrides: ['qemu:env TZ=UTC'] } });
      expect(commandsOf(passed)).to.deep.equal(['virtctl restart upf-0 --namespace telco']);
      expect(passed.steps[0]?.about).to.contain('hooks.kubevirt.io/hookSidecars');
      const invtsc = of({ clock: { ...healthy, invtsc: true } });
      expect(invtsc.steps[0]).to.deep.include({ command: null, checks: ['domain/invtsc-migration'] });
    });

    it('uses no name that KubeVirt cannot have given', () => {
      for (const name of ['upf', 'a_b_c', "a_b'; reboot", 'A_b', '-a_b', 'a_--help', 'a_b\n']) {
        const fix = fixOf(definitionOf({ owner: kubevirt, ...connected }), name);
        expect(commandsOf(fix).at(-1), name).to.equal('virtctl restart VM --namespace NAMESPACE');
      }
    });
  });

  it('is made of commands that a shell takes as they are meant, whatever a tenant chose', async () => {
    const hostile = [
      "x'; touch /tmp/x; '",
      '$(id)',
      '`id`',
      'a b',
      '"',
      '\\',
      '*',
      '#x',
      '~',
      '{a,b}',
      "''",
      '!!',
    ];
    const clock = { kvmclock: 'hidden', kvmclockDecidedBy: "kvm hidden state='on'" } as const;
    for (const flavor of hostile) {
      const owner = { ...nova, imageUuid: flavor, flavor };
      const commands = commandsOf(fixOf(definitionOf({ owner, clock, guestOs: linux }), flavor, flavor));
      const script = commands.map((command) => `printf '%s\\0' ${command}`).join('\n');
      const words = (await runCommand('sh', ['-c', script])).split('\0').slice(0, -1);
      expect(words, flavor).to.deep.equal(commands.flatMap(shellWords));
      expect(words).to.include(flavor);
      expect(words.filter((it) => it === flavor)).to.have.length(1);
    }
    for (const flavor of ['-c', '--property', 'two\nlines', '\u202edlrow', '\u0007', '']) {
      const commands = commandsOf(fixOf(definitionOf({ owner: { ...nova, flavor }, clock, guestOs: linux })));
      expect(commands.join('\n'), flavor).to.contain('--property hw:hide_hypervisor_id=false FLAVOR');
    }
  });
});
