import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { loadFrom } from '../../../src/cli/loadFrom.js';
import type { Fact } from '../../../src/facts/fact.js';
import type { Facts } from '../../../src/facts/facts.js';
import type { HostFacts } from '../../../src/facts/host.js';
import { knownValue } from '../../support/collectedFacts.js';
import { runTool } from '../../support/runTool.js';
import { type ScratchDirectory, scratchDirectory } from '../../support/scratch.js';
import {
  PROCESS_LIST,
  processList,
  QUIET,
  REPORTED_AT,
  type SosreportContent,
  writeSosreport,
} from '../../support/sosreports.js';

const SERVICE = '0::/system.slice';
const TRACKING = `Reference ID    : C0000201 (192.0.2.1)
Stratum         : 2
Ref time (UTC)  : Sun Nov 22 06:14:49 2026
System time     : 0.000001501 seconds fast of NTP time
Last offset     : -0.000001632 seconds
RMS offset      : 0.000002360 seconds
Frequency       : 331.898 ppm slow
Residual freq   : -0.004 ppm
Skew            : 0.154 ppm
Root delay      : 0.003169000 seconds
Root dispersion : 0.000780000 seconds
Update interval : 64.2 seconds
Leap status     : Normal
`;
const SOURCES = `MS Name/IP address         Stratum Poll Reach LastRx Last sample
===============================================================================
^* 192.0.2.1                     1   6   377    23   -923us[ -924us] +/-   43ms
`;

describe('what a sosreport tells of a host', () => {
  let scratch: ScratchDirectory;
  let count = 0;

  before(() => {
    scratch = scratchDirectory('sosfacts');
  });
  after(() => scratch.remove());

  /** The facts of {@link QUIET} with changes; undefined takes a file away. */
  async function factsOf(
    changes: Readonly<Record<string, SosreportContent[string] | undefined>>,
  ): Promise<Facts> {
    const content = Object.entries({ ...QUIET, ...changes }).filter(([, it]) => it !== undefined);
    const top = writeSosreport(scratch.path, Object.fromEntries(content) as SosreportContent, `r${count++}`);
    return loadFrom(top, { timeout: 10, selection: {} } as unknown as Parameters<typeof loadFrom>[1]);
  }

  async function hostOf(changes: Parameters<typeof factsOf>[0]): Promise<HostFacts> {
    const { host } = await factsOf(changes);
    if (!host) throw new Error('there is no host');
    return host;
  }

  const causeOf = (fact: Fact<unknown>) => (fact.known ? JSON.stringify(fact.value) : fact.cause);

  it('is one line about what is wrong with it, where it cannot be read', async () => {
    const path = join(scratch.path, 'sosreport.tar.xz.gpg');
    writeFileSync(path, Buffer.from([0x84, 0x5e, 0x03]));
    const { exitCode, stdout, stderr } = await runTool(['--from', path]);
    const reason = 'is encrypted; decrypt it first, as with gpg --output sosreport.tar.xz --decrypt';
    expect(stderr).to.equal(`virt-clock-audit: ${path} ${reason}\n`);
    expect({ exitCode, stdout }).to.deep.equal({ exitCode: 3, stdout: '' });
  });

  it('is what its files say', async () => {
    const facts = await factsOf({});
    expect(facts).to.include({ hostname: 'compute7', collectedAt: '2026-11-22T06:15:09.000Z' });
    const { host } = facts;
    if (!host) throw new Error('there is no host');
    const known = Object.entries(host).flatMap(([name, fact]) =>
      fact.known ? [[name, fact.value] as const] : [],
    );
    expect(Object.fromEntries(known)).to.deep.equal({
      architecture: 'x86_64',
      kernelRelease: '6.1.0-21-amd64',
      timeZone: { name: 'Europe/Berlin', isUtc: false },
      clocksource: { current: 'tsc', available: ['tsc', 'hpet', 'acpi_pm'] },
      tscFlags: { constant: true, nonstop: true },
      timeDaemons: [],
      kvmParameters: { kvmclockPeriodicSync: true, tscTolerancePpm: 250 },
      libvirtGuests: null,
      virtualisation: null,
      clockParameters: ['tsc=reliable'],
      ptpKvm: { offered: true, because: "the host's clocksource is tsc" },
      timesyncd: null,
      ntpd: null,
      linuxptp: null,
    });
    // What no sos collects is nothing to hold against a report.
    const leftOut = Object.entries(host).flatMap(([name, fact]) =>
      !fact.known && fact.leftOut ? [name] : [],
    );
    expect(leftOut).to.have.members([
      ...['kernelClock', 'leapTable', 'ptpClocks', 'hardwareClock', 'kvm', 'zoneinfo'],
      ...['tscCounter', 'libvirtVersion', 'qemuVersion'],
    ]);
    expect(causeOf(host.chrony)).to.equal('chronyc-not-recorded');
  });

  describe('is no guess where it lacks a file', () => {
    const LACKING: Readonly<Record<string, Partial<Record<keyof HostFacts, string>>>> = {
      'etc/localtime': { timeZone: 'not-in-sosreport' },
      'proc/cmdline': { clockParameters: 'not-in-sosreport' },
      'proc/cpuinfo': { tscFlags: 'not-in-sosreport', virtualisation: 'not-in-sosreport' },
      'sys/devices/system/clocksource/clocksource0/current_clocksource': {
        ...{ clocksource: 'not-in-sosreport', ptpKvm: 'not-in-sosreport' },
      },
      'sos_commands/kernel/uname_-a': { architecture: 'not-in-sosreport', kernelRelease: 'not-in-sosreport' },
      'etc/systemd/system': { libvirtGuests: 'not-in-sosreport' },
      [PROCESS_LIST]: {
        ...{ timeDaemons: 'not-in-sosreport', timesyncd: 'not-in-sosreport' },
        ...{ ntpd: 'not-in-sosreport', linuxptp: 'not-in-sosreport' },
      },
    };
    for (const [path, causes] of Object.entries(LACKING)) {
      it(path, async () => {
        const [whole, lacking] = [await hostOf({}), await hostOf({ [path]: undefined })];
        for (const [name, cause] of Object.entries(causes) as [keyof HostFacts, string][]) {
          expect(whole[name].known, name).to.equal(true);
          expect(causeOf(lacking[name]), name).to.equal(cause);
          expect(lacking[name], name).to.not.have.property('leftOut');
        }
      });
    }

    it('of the parameters of any module', async () => {
      const paths = ['kvmclock_periodic_sync', 'tsc_tolerance_ppm'].map(
        (it) => `sys/module/kvm/parameters/${it}`,
      );
      const without = Object.fromEntries(paths.map((path) => [path, undefined]));
      expect(causeOf((await hostOf(without)).kvmParameters)).to.equal('not-in-sosreport');
      // Where sos has looked at the modules, kvm is not loaded.
      const other = await hostOf({ ...without, 'sys/module/nvme/parameters': null });
      expect(knownValue(other.kvmParameters)).to.deep.equal({
        kvmclockPeriodicSync: null,
        tscTolerancePpm: null,
      });
    });

    it('of a machine that Xen may be the owner of', async () => {
      const xen = {
        'proc/cpuinfo': 'processor\t: 0\nflags\t\t: fpu tsc hypervisor\n\n',
        'sys/devices/system/clocksource/clocksource0/available_clocksource': 'xen tsc \n',
      };
      expect(causeOf((await hostOf(xen)).virtualisation)).to.equal('not-in-sosreport');
    });

    it('of a machine that is no x86 one', async () => {
      const uname = 'Linux arm 6.1.0 #1 SMP Debian 6.1.90-1 (2024-05-03) aarch64 GNU/Linux\n';
      const arm = { 'sos_commands/kernel/uname_-a': uname, 'proc/cpuinfo': 'processor : 0\n' };
      expect(causeOf((await hostOf(arm)).virtualisation)).to.equal('not-in-sosreport');
      const firmware = {
        ...arm,
        'sys/devices/virtual/dmi/id/sys_vendor': 'GIGABYTE\n',
        'sys/class/dmi/id': { link: '../../devices/virtual/dmi/id' },
      };
      expect(causeOf((await hostOf(firmware)).virtualisation)).to.equal('null');
    });
  });

  it('takes the zone that timedatectl names for that of a link that sos did not copy', async () => {
    const said =
      '               Local time: Sun 2026-11-22 07:15:09 CET\n                Time zone: Europe/Paris (CET, +0100)\n';
    const host = await hostOf({ 'etc/localtime': undefined, 'sos_commands/systemd/timedatectl': said });
    expect(knownValue(host.timeZone).name).to.equal('Europe/Paris');
  });

  it('does not take a link for the zone UTC that names no zone, and leads to what is not there', async () => {
    const localtime = { link: '/opt/site/berlin' };
    const { timeZone } = await hostOf({ 'etc/localtime': localtime });
    expect(timeZone).to.include({ known: false, cause: 'not-in-sosreport' });
    const said = (zone: string) => ({
      'etc/localtime': localtime,
      'sos_commands/systemd/timedatectl': `                Time zone: ${zone} (CET, +0100)\n`,
    });
    expect(knownValue((await hostOf(said('Europe/Berlin'))).timeZone).name).to.equal('Europe/Berlin');
    // timedatectl says so where the link names none.
    expect(causeOf((await hostOf(said('n/a'))).timeZone)).to.equal('not-in-sosreport');
  });

  it('leaves out libvirt-guests where it is enabled, for its settings are not collected', async () => {
    const wants = 'etc/systemd/system/multi-user.target.wants/libvirt-guests.service';
    const { libvirtGuests } = await hostOf({
      [wants]: { link: '../../../../lib/systemd/system/libvirt-guests.service' },
    });
    expect(libvirtGuests).to.include({ known: false, leftOut: true });
  });

  describe('takes no time to speak of, with', () => {
    const TIMEDATECTL = 'sos_commands/systemd/timedatectl';
    const AUX = 'sos_commands/process/ps_auxwww';
    const header = 'USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n';
    const blanks = (kibibytes: number) => ' '.repeat(kibibytes * 1024);
    const list = processList();
    for (const [what, changes] of Object.entries({
      'timedatectl of line breaks': { 'etc/localtime': undefined, [TIMEDATECTL]: '\n'.repeat(400 * 1024) },
      'timedatectl of line breaks, but fewer': {
        ...{ 'etc/localtime': undefined, [TIMEDATECTL]: '\n'.repeat(63 * 1024) },
      },
      'a list of processes with blanks': {
        [PROCESS_LIST]: `${list}    812  1 root root 812 1 Nov21 chronyd${blanks(100)}x${blanks(100)}y z\n`,
      },
      'a list of commands with blanks': {
        ...{ [PROCESS_LIST]: undefined, [AUX]: `${header}root 1 ${`0${blanks(20)}`.repeat(9)}\n` },
      },
      'a date of digits': { 'sos_commands/date/date': `Sun ${'1 '.repeat(200 * 1024)}` },
      'dates of blanks': {
        'sos_commands/date/date': `Sun Nov 22 06:15:09${blanks(63)}x\n`,
        'sos_commands/date/date_--utc': `Sun Nov 22 06:15:09${blanks(63)}x\n`,
      },
      'uname of blanks': { 'sos_commands/kernel/uname_-a': `Linux${blanks(400)}x` },
      'hostname of letters': { 'sos_commands/host/hostname': 'a'.repeat(400 * 1024) },
    })) {
      it(what, async () => {
        const startedAt = performance.now();
        await factsOf(changes);
        expect(performance.now() - startedAt).to.be.below(3000);
      });
    }

    it('more than such a command prints, of which nothing is believed', async () => {
      const uname = `Linux compute7 6.1.0 #1 x86_64 GNU/Linux${blanks(64)}\n`;
      const host = await hostOf({ 'sos_commands/kernel/uname_-a': uname });
      expect(causeOf(host.kernelRelease)).to.equal('not-in-sosreport');
    });
  });

  describe('of its time daemons', () => {
    const chronyd = { pid: 812, comm: 'chronyd', cgroup: `${SERVICE}/chronyd.service` };
    const status = (more: string) => `Name:\tchronyd\nPPid:\t1\nNSpid:\t812\nCapEff:\t${more}\n`;
    const answering = {
      'sos_commands/chrony/chronyc_tracking': TRACKING,
      'sos_commands/chrony/chronyc_-n_sources': SOURCES,
    };
    const steers = ({ chrony }: HostFacts) =>
      chrony.known && chrony.value.daemon === 'answers' && chrony.value.steersClock;

    it('knows chronyd, with what it answered', async () => {
      const host = await hostOf({ ...answering, [PROCESS_LIST]: processList(chronyd) });
      expect(knownValue(host.timeDaemons)).to.deep.equal(['chronyd']);
      expect(knownValue(host.chrony)).to.deep.include({
        daemon: 'answers',
        readAtSeconds: REPORTED_AT,
        steersClock: null,
      });
      const answer = knownValue(host.chrony);
      if (answer.daemon !== 'answers') throw new Error('it is absent');
      expect(answer.tracking).to.include({ systemOffsetSeconds: 0.000001501, frequencyPpm: -331.898 });
      expect(answer.sources[0]).to.include({ name: '192.0.2.1', state: 'selected' });
      expect(answer.activity).to.equal(null);
    });

    it('knows from its rights and its arguments whether it steers the clock', async () => {
      const list = processList(chronyd);
      const ps = (args: string) =>
        `USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\nroot           1  0.0  0.1 168940 13520 ?        Ss   Nov21   0:08 /sbin/init\n_chrony      812  0.0  0.0  18996  3556 ?        S    Nov21   0:00 /usr/sbin/chronyd ${args}\n`;
      const told = (args: string, rights: string) =>
        hostOf({
          ...answering,
          [PROCESS_LIST]: list,
          'proc/812/status': status(rights),
          'sos_commands/process/ps_auxwww': ps(args),
        });
      expect(steers(await told('-F 1', '0000000002000400'))).to.equal(true);
      expect(steers(await told('-x -F 1', '0000000002000400'))).to.equal(false);
      const powerless = await told('-F 1', '0000000000000400');
      expect(steers(powerless)).to.equal(false);
      expect(knownValue(powerless.timeDaemons)).to.deep.equal([]);
    });

    it('counts it as a service of the host with the first version of control groups, too', async () => {
      const unit = '/system.slice/chronyd.service';
      const cgroup = `8:devices:${unit},4:memory:${unit},1:name=systemd:${unit}`;
      const list = (group: string) => ({ [PROCESS_LIST]: processList({ ...chronyd, cgroup: group }) });
      expect(knownValue((await hostOf(list(cgroup))).timeDaemons)).to.deep.equal(['chronyd']);
      const inDocker = cgroup.replace(`devices:${unit}`, 'devices:/docker/0123');
      expect(causeOf((await hostOf(list(inDocker))).timeDaemons)).to.equal('not-in-sosreport');
      const several = `11:cpuset:/,4:cpu,cpuacct:${unit},1:name=systemd:${unit}`;
      expect(knownValue((await hostOf(list(several))).timeDaemons)).to.deep.equal(['chronyd']);
    });

    for (const path of [
      '/lxc.payload.c1/system.slice/chrony.service',
      '/lxc/c1/system.slice/chrony.service',
      '/machine.slice/systemd-nspawn@c1.service/payload/system.slice/chrony.service',
      '/system.slice/containerd.service/kubepods-pod1.slice:cri-containerd:1/system.slice/chrony.service',
      '/system.slice/chrony.service/init.scope',
    ]) {
      it(`does not count it as a service of the host in ${path}`, async () => {
        const list = (cgroup: string) => ({ [PROCESS_LIST]: processList({ ...chronyd, cgroup }) });
        expect(causeOf((await hostOf(list(`0::${path}`))).timeDaemons)).to.equal('not-in-sosreport');
        const first = `4:memory:/system.slice/chrony.service,1:name=systemd:${path}`;
        expect(causeOf((await hostOf(list(first))).timeDaemons)).to.equal('not-in-sosreport');
      });
    }

    it('is unknown where it may be in a container', async () => {
      const inside = { ...chronyd, cgroup: '0::/machine.slice/libpod-1234.scope/container' };
      expect(causeOf((await hostOf({ [PROCESS_LIST]: processList(inside) })).timeDaemons)).to.equal(
        'not-in-sosreport',
      );
      const namespaced = status('000001ffffffffff').replace('NSpid:\t812', 'NSpid:\t812\t7');
      const host = await hostOf({ [PROCESS_LIST]: processList(inside), 'proc/812/status': namespaced });
      expect(causeOf(host.timeDaemons)).to.equal('not-in-sosreport');
    });

    it('knows them by their commands in the lists of older versions', async () => {
      const lines = [
        'root           1  0.0  0.1 168940 13520 ?        Ss   Nov21   0:08 /sbin/init splash',
        'root           2  0.0  0.0      0     0 ?        S    Nov21   0:00 [kthreadd]',
        'systemd+     601  0.0  0.0  90052  6656 ?        Ssl  06:15   0:01 /lib/systemd/systemd-timesyncd',
      ];
      const list = `USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n${lines.join('\n')}\n`;
      const full = 'Name:\tsystemd-timesyn\nNSpid:\t601\nCapEff:\t0000000002000000\n';
      const changes = { [PROCESS_LIST]: undefined, 'sos_commands/process/ps_auxwww': list };
      const host = await hostOf({ ...changes, 'proc/601/status': full });
      expect(knownValue(host.timeDaemons)).to.deep.equal(['systemd-timesyncd']);
      expect(causeOf(host.timesyncd)).to.equal('busctl-not-recorded');
      expect(causeOf((await hostOf(changes)).timeDaemons)).to.equal('not-in-sosreport');
    });

    it('does not call linuxptp idle, whose settings are not all collected', async () => {
      const ptp4l = { pid: 900, comm: 'ptp4l', cgroup: `${SERVICE}/ptp4l.service` };
      const host = await hostOf({ [PROCESS_LIST]: processList(ptp4l) });
      expect(causeOf(host.linuxptp)).to.equal('not-in-sosreport');
    });

    it('is that none runs, where chronyc said so and the list of processes agrees', async () => {
      const silent = { 'sos_commands/chrony/chronyc_tracking': '506 Cannot talk to daemon\n' };
      expect(knownValue((await hostOf(silent)).chrony).daemon).to.equal('absent');
      expect(causeOf((await hostOf({ ...silent, [PROCESS_LIST]: undefined })).chrony)).to.equal(
        'not-in-sosreport',
      );
      const cut = processList(chronyd).replace(/^ +1 .*\n/m, '');
      expect(causeOf((await hostOf({ ...silent, [PROCESS_LIST]: cut })).chrony)).to.equal('not-in-sosreport');
    });
  });

  describe('is of the time when', () => {
    it('chronyd was asked, as long as date bears that out', async () => {
      const top = writeSosreport(
        scratch.path,
        { ...QUIET, 'sos_commands/chrony/chronyc_tracking': TRACKING },
        'timed',
      );
      const at = async (seconds: number) => {
        utimesSync(join(top, 'sos_commands/chrony/chronyc_tracking'), seconds, seconds);
        const options = { timeout: 10, selection: {} } as unknown as Parameters<typeof loadFrom>[1];
        return Date.parse((await loadFrom(top, options)).collectedAt) / 1000;
      };
      expect(await at(REPORTED_AT - 7)).to.equal(REPORTED_AT - 7);
      expect(await at(REPORTED_AT + 86_400)).to.equal(REPORTED_AT);
    });

    for (const [text, iso] of Object.entries({
      'Sun Nov 22 06:15:09 UTC 2026': '2026-11-22T06:15:09.000Z',
      'Sun 22 Nov 2026 06:15:09 PM UTC': '2026-11-22T18:15:09.000Z',
      'Sun 22 Nov 2026 12:15:09 AM UTC': '2026-11-22T00:15:09.000Z',
      'Sun Nov  1 06:15:09 GMT 2026': '2026-11-01T06:15:09.000Z',
    })) {
      it(`date says ${text}`, async () => {
        expect((await factsOf({ 'sos_commands/date/date_--utc': `${text}\n` })).collectedAt).to.equal(iso);
      });
    }

    it('its files were written, where no date is in UTC', async () => {
      const local = 'Sun Nov 22 07:15:09 CET 2026\n';
      const facts = await factsOf({
        'sos_commands/date/date': local,
        'sos_commands/date/date_--utc': undefined,
      });
      expect(facts.notes.join()).to.include('the times of its files stand for it');
    });
  });
});
