import { expect } from 'chai';
import type { ScratchRoot } from '../packages/scratchRoot.js';
import { type DebHost, requireDebHost, startDebHost } from './debHost.js';
import { understoodUnit } from './understoodUnit.js';

describe('the role, with the Debian package on a host where it has its usual paths', function () {
  this.timeout(180_000);
  let host: DebHost;
  let root: ScratchRoot;

  before(async function () {
    requireDebHost(this);
    host = await startDebHost(this);
    root = host.root;
  });
  after(() => host?.stop());

  const play = (...options: string[]) => host.play(...options);
  const read = (path: string) => host.read(path);

  it('predicts, installs with apt, and changes nothing the second time', async () => {
    expect((await play('--check'))?.changed).to.be.above(3);
    expect((await root.run('dpkg-query', '-s', 'virt-clock-audit')).exitCode).to.equal(1);
    expect((await play())?.changed).to.be.above(4);
    expect((await root.run('virt-clock-audit', '--version')).exitCode).to.equal(0);
    expect(await read('/etc/virt-clock-audit.yaml')).to.match(
      /Ansible managed\n#\n\{\n {2}"profile": "nova"\n\}\n/,
    );
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
