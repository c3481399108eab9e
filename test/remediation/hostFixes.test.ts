import { cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import type { HostCheck } from '../../src/checks/check.js';
import { chronyTracking } from '../../src/checks/host/chronyTracking.js';
import { clocksource } from '../../src/checks/host/clocksource.js';
import { libvirtGuests } from '../../src/checks/host/libvirtGuests.js';
import { timeDaemons } from '../../src/checks/host/timeDaemons.js';
import { timeZone } from '../../src/checks/host/timeZone.js';
import type { ChronySource, ChronyTracking } from '../../src/facts/chrony.js';
import type { DomainDefinition } from '../../src/facts/definition.js';
import { known, unknown } from '../../src/facts/fact.js';
import { type HostFacts, hostLeftOut } from '../../src/facts/host.js';
import { readLibvirtGuests } from '../../src/host/libvirtGuests.js';
import { DEFAULT_POLICY, type Policy } from '../../src/policy/policy.js';
import type { HostFix } from '../../src/remediation/hostFix.js';
import { hostFixesFor } from '../../src/remediation/hostFixes.js';
import { answering, answerOf } from '../support/chronyAnswers.js';
import { definitionOf, linux } from '../support/definitions.js';
import { arm, findingOnHost, x86 } from '../support/hostVerdicts.js';
import { requireCommand, requireFact } from '../support/requirement.js';
import { runCommand } from '../support/runCommand.js';
import { scratchDirectory } from '../support/scratch.js';

const guest = definitionOf({ guestOs: linux, clock: { rtc: { base: 'localtime' } } });

function fixes(
  check: HostCheck,
  facts: Partial<HostFacts>,
  guests: readonly DomainDefinition[] = [],
  policy: Partial<Policy> = {},
): HostFix[] {
  const finding = findingOnHost(check, facts, guests, policy);
  const host = { ...hostLeftOut('left out by the test'), ...facts };
  return hostFixesFor(host, [finding], { ...DEFAULT_POLICY, ...policy });
}

const debian = { kernelRelease: known('6.1.0-18-amd64', 'uname -r') };
const redHat = { kernelRelease: known('5.14.0-503.el9.x86_64', 'uname -r') };
const silent: ChronySource = { ...answering, state: 'unusable', reach: 0 };
const chrony = (tracking: Partial<ChronyTracking>, sources: readonly ChronySource[] = [answering]) => ({
  chrony: known(answerOf(tracking, sources), 'test'),
});
const absent = { chrony: known({ daemon: 'absent', evidence: 'nothing runs' } as const, 'test') };

/** Every way in which a host's clock is not well synchronised. */
const UNSYNCHRONISED = {
  'daemon-absent': absent,
  'never-synchronised': chrony({ referenceId: '00000000', stratum: 0 }, [silent]),
  'leap-not-synchronised': chrony({ leapStatus: 'not-synchronised' }),
  'local-stratum-only': chrony({ referenceId: '7F7F0101' }),
  'stratum-invalid': chrony({ stratum: 16 }),
  'stratum-high': chrony({ stratum: 12 }),
  'root-distance': chrony({ rootDispersionSeconds: 0.05 }),
  offset: chrony({ systemOffsetSeconds: 0.2 }),
  holdover: chrony({}, [silent, silent]),
};

describe('a fix of the host', () => {
  it('is nothing for what passes, informs or could not be looked at', () => {
    expect(fixes(chronyTracking, chrony({}))).to.deep.equal([]);
    const hidden = unknown('test', 'chronyc-missing', 'chronyc is missing');
    expect(fixes(chronyTracking, { chrony: hidden })).to.deep.equal([]);
    expect(fixes(timeZone, { timeZone: known({ name: 'UTC', isUtc: true }, 'test') }, [guest])).to.deep.equal(
      [],
    );
  });

  for (const [code, facts] of Object.entries(UNSYNCHRONISED)) {
    it(`gives chronyd sources: ${code}`, () => {
      expect(findingOnHost(chronyTracking, facts).code).to.equal(code);
      const found = fixes(chronyTracking, { ...facts, ...redHat });
      const file = found.find((fix) => fix.file === '/etc/chrony.conf');
      expect(file?.lines.filter((line) => /^server NTP_SERVER_\d iburst$/.test(line))).to.have.length(4);
      expect(file?.lines).to.include('rtcsync').and.to.include('makestep 1.0 3');
      expect(file?.about).to.contain('of your own site');
    });
  }

  it('goes where the distribution keeps it', () => {
    const file = (facts: Partial<HostFacts>) =>
      fixes(chronyTracking, { ...absent, ...facts }).find((fix) => fix.file !== null);
    expect(file(debian)?.file).to.equal('/etc/chrony/conf.d/time-sources.conf');
    expect(file(debian)?.activate).to.contain('systemctl enable --now chrony ');
    expect(file(redHat)?.activate).to.contain('systemctl enable --now chronyd ');
    expect(file({})?.file).to.contain('/etc/chrony/chrony.conf or /etc/chrony.conf');
    const paths = known(null, '/usr/libexec/libvirt-guests.sh, /etc/sysconfig/libvirt-guests');
    expect(file({ ...debian, libvirtGuests: paths })?.file).to.equal('/etc/chrony.conf');
    for (const release of ['6.8.0-45-generic', '6.8.12-4-pve', '5.10.0-28-cloud-amd64']) {
      expect(file({ kernelRelease: known(release, 'test') })?.file, release).to.match(/conf\.d/);
    }
    for (const release of ['6.11.4-301.fc41.x86_64', '4.18.0-553.el8_10.x86_64']) {
      expect(file({ kernelRelease: known(release, 'test') })?.file, release).to.equal('/etc/chrony.conf');
    }
    expect(file({ kernelRelease: known('6.18.0', 'test') })?.file).to.contain(' or ');
  });

  it('installs chrony first, where the distribution is known', () => {
    const commands = (facts: Partial<HostFacts>) =>
      fixes(chronyTracking, { ...absent, ...facts }).flatMap(({ file, lines }) =>
        file === null ? lines : [],
      );
    expect(commands(debian)).to.deep.equal(['apt-get install chrony']);
    expect(commands(redHat)).to.deep.equal(['dnf install chrony']);
    expect(commands({})).to.deep.equal([]);
  });

  it('steps the clock only when it is far off, and says what that does to guests', () => {
    const step = (facts: Partial<HostFacts>) =>
      fixes(chronyTracking, facts).find(({ lines }) => lines.includes('chronyc makestep'));
    expect(step(UNSYNCHRONISED.offset)?.about).to.contain('RTC of every running guest');
    expect(step(chrony({ systemOffsetSeconds: 0.02 }))).to.equal(undefined);
    expect(fixes(chronyTracking, absent).at(-1)?.about).to.contain('RTC of every running guest');
  });

  it('is made of lines that chronyd takes', async function () {
    requireCommand(this, 'chronyd');
    const scratch = scratchDirectory('chrony');
    try {
      const file = join(scratch.path, 'chrony.conf');
      const all = [
        ...Object.values(UNSYNCHRONISED).flatMap((facts) => fixes(chronyTracking, facts)),
        ...fixes(timeDaemons, { timeDaemons: known(['chronyd', 'phc2sys', 'ptp4l'], 'test') }),
      ].filter((fix) => fix.file !== null);
      expect(all.length).to.be.above(9);
      for (const { lines } of all) {
        writeFileSync(file, `${lines.join('\n')}\n`);
        const printed = await runCommand('chronyd', ['-p', '-f', file]);
        expect(printed.trim().split('\n')).to.deep.equal([...lines]);
      }
      writeFileSync(file, 'rtcsync\nno such directive\n');
      const refused = await runCommand('chronyd', ['-p', '-f', file]).catch(String);
      expect(refused).to.contain('Invalid directive');
    } finally {
      await scratch.remove();
    }
  });

  it('leaves one time daemon', () => {
    const several = (running: string[], facts: Partial<HostFacts> = redHat) =>
      fixes(timeDaemons, { timeDaemons: known(running, 'test'), ...facts })[0]?.lines;
    expect(several(['chronyd', 'systemd-timesyncd'])).to.deep.equal([
      'systemctl disable --now systemd-timesyncd',
    ]);
    expect(several(['chronyd', 'ntpd'])).to.deep.equal(['systemctl disable --now ntpd']);
    expect(several(['chronyd', 'ntpd'], debian)).to.deep.equal(['systemctl disable --now ntpsec']);
    expect(several(['ntpd', 'ptp4l', 'systemd-timesyncd'])).to.deep.equal([
      'systemctl disable --now systemd-timesyncd',
    ]);
    expect(several(['ptpd', 'sfptpd'])).to.deep.equal(['systemctl disable --now ptpd']);
  });

  it('lets chronyd read the card’s clock in place of phc2sys, and decides nothing for other daemons', () => {
    const beside = (daemon: string) =>
      fixes(timeDaemons, { timeDaemons: known([daemon, 'phc2sys'], 'test') });
    expect(beside('chronyd')[0]?.lines).to.deep.equal(['refclock PHC /dev/ptp0 poll 0 dpoll -2 offset -37']);
    expect(beside('systemd-timesyncd')).to.deep.equal([]);
  });

  it('sets the clocksource back where the kernel still lists the proper one', () => {
    const on = (current: string, available: string[]) => ({
      clocksource: known({ current, available }, 'test'),
    });
    const [fix] = fixes(clocksource, { ...x86, ...on('hpet', ['tsc', 'hpet']) });
    expect(fix?.lines).to.deep.equal([
      'echo tsc > /sys/devices/system/clocksource/clocksource0/current_clocksource',
    ]);
    expect(fixes(clocksource, { ...arm, ...on('jiffies', ['arch_sys_counter']) })[0]?.lines[0]).to.contain(
      'echo arch_sys_counter >',
    );
    expect(fixes(clocksource, { ...x86, ...on('hpet', ['hpet', 'acpi_pm']) })).to.deep.equal([]);
    expect(fixes(clocksource, { ...x86, ...on('kvm-clock', ['kvm-clock', 'tsc']) })).to.deep.equal([]);
  });

  it("sets the fleet's time zone", () => {
    const zone = { timeZone: known({ name: 'Asia/Tokyo', isUtc: false }, 'test') };
    const [fix] = fixes(timeZone, zone, [guest], { fleetTimeZone: 'Europe/Berlin' });
    expect(fix?.lines).to.deep.equal(['timedatectl set-timezone Europe/Berlin']);
  });

  it('has commands that a shell takes', async () => {
    const all = [
      ...Object.values(UNSYNCHRONISED).flatMap((facts) => fixes(chronyTracking, { ...facts, ...debian })),
      ...fixes(timeDaemons, { timeDaemons: known(['chronyd', 'ntpd'], 'test') }),
      ...fixes(clocksource, { ...x86, clocksource: known({ current: 'hpet', available: ['tsc'] }, 'test') }),
    ];
    const commands = all.flatMap(({ file, lines, activate }) => [...(file ? [] : lines), activate ?? '']);
    expect(commands.filter(Boolean).length).to.be.above(10);
    await runCommand('sh', ['-n', '-c', commands.join('\n')]);
  });
});

describe('a fix of libvirt-guests', () => {
  const SCRIPT = '/usr/lib/libvirt/libvirt-guests.sh';
  const SERVICE = 'etc/systemd/system/multi-user.target.wants/libvirt-guests.service';

  /** What the installed script does by the administrator's lines, read as the audit reads it. */
  async function judged(lines: readonly string[], path = '/etc/default/libvirt-guests') {
    const root = scratchDirectory('root');
    try {
      for (const file of [SCRIPT, SERVICE, path])
        mkdirSync(dirname(join(root.path, file)), { recursive: true });
      cpSync(SCRIPT, join(root.path, SCRIPT));
      symlinkSync('/lib/systemd/system/libvirt-guests.service', join(root.path, SERVICE));
      writeFileSync(join(root.path, path), `${lines.join('\n')}\n`);
      await runCommand('sh', ['-n', join(root.path, path)]);
      const facts = { ...debian, libvirtGuests: readLibvirtGuests(root.path) };
      return {
        verdict: findingOnHost(libvirtGuests, facts, [guest]).code,
        found: fixes(libvirtGuests, facts, [guest]),
      };
    } finally {
      await root.remove();
    }
  }

  for (const [code, before] of [
    ['time-not-set', ['ON_BOOT=start', 'ON_SHUTDOWN=suspend']],
    ['restored-elsewhere', ['ON_BOOT=ignore', 'ON_SHUTDOWN=suspend']],
  ] as const) {
    it(`makes the check pass, either way: ${code}`, async function () {
      requireFact(this, existsSync(SCRIPT), `${SCRIPT} is not installed`);
      const { verdict, found } = await judged(before);
      expect(verdict).to.equal(code);
      expect(found.map(({ file, activate }) => ({ file, activate }))).to.deep.equal(
        Array(2).fill({ file: '/etc/default/libvirt-guests', activate: null }),
      );
      const after = await Promise.all(found.map(({ lines }) => judged([...before, ...lines])));
      expect(after.map((it) => it.verdict)).to.deep.equal(['sets-time', 'shuts-down']);
      for (const { about } of found) expect(about).to.contain('do not restart libvirt-guests');
    });
  }

  it('names the file of the distribution', () => {
    const service = { enabled: true, onBoot: 'start', onShutdown: 'suspend', syncTime: false } as const;
    const file = (source: string, facts: Partial<HostFacts> = {}) =>
      fixes(libvirtGuests, { libvirtGuests: known(service, source), ...facts }, [guest])[0]?.file;
    expect(file('/usr/libexec/libvirt-guests.sh, /etc/sysconfig/libvirt-guests')).to.equal(
      '/etc/sysconfig/libvirt-guests',
    );
    expect(file('/usr/lib/libvirt/libvirt-guests.sh, /etc/conf.d/libvirt-guests')).to.equal(
      '/etc/conf.d/libvirt-guests',
    );
    expect(file(SCRIPT, debian)).to.equal('/etc/default/libvirt-guests');
    expect(file(SCRIPT, redHat)).to.equal('/etc/sysconfig/libvirt-guests');
  });
});
