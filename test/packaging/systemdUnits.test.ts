import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect } from 'chai';
import type { Report } from '../../src/report/report.js';
import { type PrivateChronyd, startPrivateChronyd } from '../support/privateChronyd.js';
import { type PrivateLibvirtd, startPrivateLibvirtd, tinyDomainXml } from '../support/privateLibvirtd.js';
import { requireCommand, requireFact, requireFetched } from '../support/requirement.js';
import { projectRoot, runProcess, tool } from '../support/runTool.js';
import { scratchDirectory } from '../support/scratch.js';
import { missingProgram, PROGRAMS } from '../support/unpackedPrograms.js';
import { type Confinement, confined, settingsOf, valuesOf } from './confinement.js';

const units = join(projectRoot, 'packaging', 'systemd');
const service = join(units, 'virt-clock-audit.service');
const timer = join(units, 'virt-clock-audit.timer');

describe("systemd's units", function () {
  this.timeout(60_000);
  const scratch = scratchDirectory('units');
  after(() => scratch.remove());

  describe('are what systemd understands', () => {
    const copies: string[] = [];
    before(function () {
      requireCommand(this, 'systemd-analyze');
      for (const path of [service, timer]) {
        const copy = join(scratch.path, basename(path));
        writeFileSync(copy, readFileSync(path, 'utf8').replaceAll('/usr/bin/virt-clock-audit', '/bin/true'));
        copies.push(copy);
      }
    });

    it('without a complaint of systemd-analyze verify', async () => {
      const { exitCode, stderr } = await runProcess('systemd-analyze', ['--man=no', 'verify', ...copies]);
      expect({ exitCode, stderr }).to.deep.equal({ exitCode: 0, stderr: '' });
    });

    it('with little that an attacker could use', async () => {
      const args = ['security', '--offline=true', '--no-pager', '--threshold=30', copies[0] ?? ''];
      const { exitCode, stdout } = await runProcess('systemd-analyze', args);
      expect(exitCode, stdout).to.equal(0);
    });
  });

  it('say nothing that would keep the tool from looking', () => {
    const settings = new Map(settingsOf(service));
    for (const name of [
      'ProtectClock',
      'MemoryDenyWriteExecute',
      'PrivateDevices',
      'ProtectProc',
      'ProcSubset',
    ]) {
      expect(settings.has(name), name).to.equal(false);
    }
    for (const name of ['PrivateNetwork', 'PrivateUsers', 'User', 'DynamicUser']) {
      expect(settings.has(name), name).to.equal(false);
    }
    expect(settings.get('Type')).to.equal('oneshot');
    expect(settings.get('SuccessExitStatus')).to.equal('1 2');
    expect(settings.get('ExecStart')).not.to.contain('--jitter');
    expect(new Map(settingsOf(timer)).get('Persistent')).to.equal('true');
  });

  describe('leave an audit all that it needs', () => {
    let libvirtd: PrivateLibvirtd;
    let chronyd: PrivateChronyd;
    let copy: string;

    before(async function () {
      requireCommand(
        this,
        'unshare',
        'setpriv',
        'systemd-analyze',
        'libvirtd',
        'virsh',
        'chronyd',
        'chronyc',
      );
      requireCommand(this, 'qemu-system-x86_64');
      requireFact(this, process.getuid?.() === 0, 'only root may mount and give rights up');
      libvirtd = await startPrivateLibvirtd({ emulators: ['qemu-system-x86_64'] });
      // Only QEMU's environment tells the zone that this one has.
      const emulator = join(scratch.path, 'emulator');
      writeFileSync(emulator, '#!/bin/sh\nTZ=Asia/Tokyo exec qemu-system-x86_64 "$@"\n', { mode: 0o755 });
      const devices = `<emulator>${emulator}</emulator>`;
      await libvirtd.define(tinyDomainXml({ name: 'zone', clock: "<clock offset='utc'/>", devices }));
      await libvirtd.virsh('start', '--paused', 'zone');
      chronyd = await startPrivateChronyd({ config: ['local stratum 8', 'port 0'] });
      // Debian's chronyd drops its rights, so that its directory is another user's.
      chownSync(dirname(chronyd.socketPath), 65534, 65534);
      copy = join(scratch.path, 'out');
      mkdirSync(copy);
    });
    after(async () => {
      await chronyd?.stop();
      await libvirtd?.stop();
    });

    const asInUnit = (): Confinement => ({
      capabilities: valuesOf(service, 'CapabilityBoundingSet'),
      systemCallFilter: valuesOf(service, 'SystemCallFilter'),
      addressFamilies: valuesOf(service, 'RestrictAddressFamilies'),
      writable: [copy, dirname(chronyd.socketPath)],
    });

    /** The verdicts on the host and on the domain, and whether the time zone of QEMU could be read. */
    async function verdicts(change: Partial<Confinement> | null): Promise<readonly string[]> {
      const report = join(copy, 'report.json');
      const audit = ['audit', '--host', '--connect', libvirtd.uri, '--chrony-host', chronyd.socketPath];
      const outputs = ['--state', join(copy, 'state.json'), '--format', `json=${report}`, '--no-config'];
      const command = [process.execPath, tool, ...audit, ...outputs];
      const [program = '', ...args] =
        change === null ? command : confined({ ...asInUnit(), ...change }, command);
      const { exitCode, stderr } = await runProcess(program, args);
      expect(stderr).to.equal('');
      expect(exitCode).to.be.oneOf([0, 1, 2, 3]);
      const { host, domains }: Report = JSON.parse(readFileSync(report, 'utf8'));
      const findings = [...(host?.findings ?? []), ...domains.flatMap((domain) => domain.findings)];
      return [
        ...findings.map(
          ({ check, outcome, code, definition = 'host' }) => `${check} ${definition} ${outcome} ${code}`,
        ),
        // Of the environment of QEMU, which is closed to others than its user.
        ...domains.map(({ name, effectiveClock }) => `${name}: TZ ${JSON.stringify(effectiveClock?.tz)}`),
      ];
    }
    const differences = (one: readonly string[], other: readonly string[]) =>
      other.filter((verdict) => !one.includes(verdict));

    it('so that its verdicts are those of an audit that nothing confines', async () => {
      const free = await verdicts(null);
      expect(free.length).to.be.above(20);
      expect(free).to.include('host/chrony-tracking host fail local-stratum-only');
      expect(differences(free, await verdicts({}))).to.deep.equal([]);
    });

    it('and each right is needed', async () => {
      const free = await verdicts({});
      const withoutDac = await verdicts({ capabilities: ['CAP_SYS_PTRACE'] });
      expect(differences(free, withoutDac).join('\n')).to.match(/^host\/chrony-tracking host unknown/m);
      const withoutPtrace = await verdicts({ capabilities: ['CAP_DAC_OVERRIDE'] });
      expect(free).to.include('zone: TZ "Asia/Tokyo"');
      expect(withoutPtrace).not.to.include('zone: TZ "Asia/Tokyo"');
      const withoutClock = await verdicts({ systemCallFilter: ['@system-service'] });
      expect(differences(free, withoutClock).join('\n')).to.match(/^host\/kernel-clock host unknown/m);
    });

    it('and pmc the place of its socket, which it cannot be told', async function () {
      requireFetched(this, missingProgram('pmc'));
      const shared = valuesOf(service, 'ReadWritePaths').filter((path) => !path.startsWith('-'));
      const ask = async (writable: readonly string[]) => {
        const command = [PROGRAMS.pmc, '-u', '-b', '0', 'GET PORT_DATA_SET'];
        const [program = '', ...args] = confined({ ...asInUnit(), writable }, command);
        return runProcess(program, args);
      };
      expect(await ask(shared)).to.deep.include({ exitCode: 0, stderr: '' });
      expect((await ask([])).stderr).to.contain('bind failed: Read-only file system');
    });
  });
});
