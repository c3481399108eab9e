import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { nodePackage, packageDeb, succeeded } from '../packages/debianPackages.js';
import { type ScratchRoot, scratchRoot } from '../packages/scratchRoot.js';
import { PYTHON, requireCommand, requireFact, requirePythonModule } from '../support/requirement.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';
import { Controller, type HostCounts, recapOf } from './playbooks.js';
import { understoodUnit } from './understoodUnit.js';

describe('the role, with the Debian package on a host where it has its usual paths', function () {
  this.timeout(180_000);
  let scratch: ScratchDirectory;
  let root: ScratchRoot;
  let collections: string;

  before(async function () {
    requireCommand(this, 'ansible-playbook', 'dpkg-deb', 'dpkg', 'unshare', 'nsenter');
    requirePythonModule(this, 'apt');
    requireFact(this, process.getuid?.() === 0, 'packages are installed as root');
    scratch = scratchDirectory('role-deb');
    const [deb, installed] = await Promise.all([
      packageDeb(scratch.path),
      new Controller(scratch.path).installCollection(),
    ]);
    collections = basename(installed);
    const made = await scratchRoot(scratch.path);
    requireFact(this, made !== null, 'root may not mount overlays here');
    root = made as ScratchRoot;
    // What this machine has of its own.
    const own = [
      '/var/lib/virt-clock-audit',
      '/var/lib/prometheus',
      '/etc/virt-clock-audit.yaml',
      '/etc/ansible',
    ];
    succeeded(await root.run('rm', '-rf', ...own));
    const node = (await root.run('dpkg-query', '-s', 'nodejs')).stdout;
    if (Number(/^Version: (\d+)/m.exec(node)?.[1] ?? 0) < 20) {
      succeeded(await root.run('dpkg', '-i', `/packages/${basename(await nodePackage(scratch.path))}`));
    }
    const vars = {
      ansible_python_interpreter: PYTHON,
      virt_clock_audit_install_method: 'deb',
      virt_clock_audit_package: `/packages/${basename(deb)}`,
      virt_clock_audit_configuration: { profile: 'nova' },
      virt_clock_audit_connect: 'test:///default',
      virt_clock_audit_schedule: 'cron',
      virt_clock_audit_fail_on: 'never',
    };
    const play = { hosts: 'localhost', connection: 'local', gather_facts: false, vars };
    const roles = ['virt_clock.audit.virt_clock_audit'];
    writeFileSync(join(scratch.path, 'play.json'), JSON.stringify([{ ...play, roles }]));
  });
  after(async () => {
    await root?.remove();
    await scratch?.remove();
  });

  async function play(...options: string[]): Promise<HostCounts | undefined> {
    const settings = ['LC_ALL=C.UTF-8', `ANSIBLE_COLLECTIONS_PATH=/packages/${collections}`];
    const run = await root.run(
      ...['env', ...settings, 'ANSIBLE_NOCOLOR=1', 'ansible-playbook'],
      ...[...options, '/packages/play.json'],
    );
    const { localhost } = recapOf(run.stdout + run.stderr);
    expect(localhost, run.stdout + run.stderr).to.include({ failed: 0, unreachable: 0 });
    return localhost;
  }
  const read = async (path: string) => (await root.run('cat', path)).stdout;

  it('predicts, installs with apt, and changes nothing the second time', async () => {
    expect((await play('--check'))?.changed).to.be.above(3);
    expect((await root.run('dpkg-query', '-s', 'virt-clock-audit')).exitCode).to.equal(1);
    expect((await play())?.changed).to.be.above(4);
    expect((await root.run('virt-clock-audit', '--version')).exitCode).to.equal(0);
    expect(await read('/etc/virt-clock-audit.yaml')).to.match(/Ansible managed\n#\nprofile: nova\n/);
    expect(await read('/etc/cron.d/virt-clock-audit')).to.match(
      /^\d+ .* root \/usr\/bin\/virt-clock-audit audit /m,
    );
    const fact = JSON.parse((await root.run('/etc/ansible/facts.d/virt_clock_audit.fact')).stdout);
    expect(fact).to.include({ available: true, domains: 1 });
    expect((await play())?.changed).to.equal(0);
  });

  it("runs the package's unit as it is, and otherwise as the variables say", async () => {
    // systemd does not run the copy; what would be asked of it does not matter here.
    await root.shell('mkdir -p /run/systemd/system');
    const answers = 'case $1 in show) echo LoadState=loaded; echo ActiveState=active;; esac';
    await root.shell(
      `rm -f /usr/bin/systemctl; printf '#!/bin/sh\\n%s\\n' '${answers}' > /usr/bin/systemctl`,
    );
    await root.shell('chmod 755 /usr/bin/systemctl');
    const dropIn = '/etc/systemd/system/virt-clock-audit.service.d/role.conf';
    const configure = ['--tags', 'virt_clock_audit_configure'];
    const plain = { virt_clock_audit_schedule: 'systemd', virt_clock_audit_connect: '' };
    await play(...configure, '-e', JSON.stringify(plain));
    expect((await root.run('test', '-e', dropIn)).exitCode).to.equal(1);

    const elsewhere = {
      ...{ virt_clock_audit_schedule: 'systemd', virt_clock_audit_metrics_directory: '/srv/metrics' },
      virt_clock_audit_search_path: '/usr/bin:/usr/sbin:/sbin:/bin',
      virt_clock_audit_arguments: ['--no-host'],
    };
    await play(...configure, '-e', JSON.stringify(elsewhere));
    expect((await play(...configure, '-e', JSON.stringify(elsewhere)))?.changed).to.equal(0);
    const { command, environment, writable } = await understoodUnit(
      '/lib/systemd/system',
      'virt-clock-audit.service',
      root.run,
    );
    expect(environment).to.deep.equal([`PATH=${elsewhere.virt_clock_audit_search_path}`]);
    expect(writable.split(' ')).to.include('-/srv/metrics').and.include('/run');
    const run = await root.run('env', '-i', ...environment, 'sh', '-c', command);
    expect(run).to.deep.include({ stderr: '' });
    expect(run.exitCode).to.be.oneOf([0, 1, 2]);
    expect(await read('/srv/metrics/virt-clock-audit.prom')).to.include('virt_clock_audit_');
    const report = JSON.parse(await read('/var/lib/virt-clock-audit/report.json'));
    expect(report.run.sources[0].location).to.equal('test:///default');

    await play(...configure, '-e', JSON.stringify(plain));
    expect((await root.run('test', '-e', dropIn)).exitCode).to.equal(1);
  });
});
