import { chmodSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { commandPath } from '../support/commandPath.js';
import { requireCommand } from '../support/requirement.js';
import { type LocalHosts, startLocalHosts } from './localHosts.js';
import type { HostVariables } from './playbooks.js';
import { toolTarball } from './toolTarball.js';

describe('the role, installing the tarball with npm', function () {
  this.timeout(180_000);
  let hosts: LocalHosts;
  let bin: string;

  before(async function () {
    requireCommand(this, 'ansible-playbook');
    hosts = await startLocalHosts();
    const prefix = hosts.at('hosts/prefix');
    bin = join(prefix, 'bin/virt-clock-audit');
    hosts.have({
      here: {
        virt_clock_audit_install_method: 'npm',
        virt_clock_audit_package: await toolTarball(hosts.at('controller')),
        virt_clock_audit_npm_prefix: prefix,
        virt_clock_audit_package_directory: hosts.at('hosts/kept'),
        virt_clock_audit_command: bin,
        virt_clock_audit_search_path: `${join(commandPath('npm') ?? '', '..')}:/usr/bin:/bin`,
      },
    });
    mkdirSync(hosts.at('hosts/kept'));
    chmodSync(hosts.at('hosts/kept'), 0o1777);
  });
  after(() => hosts?.stop());

  const INSTALL = ['--tags', 'virt_clock_audit_install'];
  async function changes(variables: HostVariables, ...options: string[]): Promise<number> {
    const { hosts: counts, output } = await hosts.controller.playRole('here', variables, ...options);
    expect(counts.here, output).to.include({ failed: 0 });
    return counts.here?.changed ?? 0;
  }
  const mode = (path: string) => statSync(path).mode & 0o7777;

  it("lets others run it, whatever root's umask is, and leaves the mode of a directory that is there", async () => {
    const own = process.umask(0o077);
    try {
      expect(await changes({}, ...INSTALL)).to.be.above(0);
      const schedule = {
        virt_clock_audit_schedule: 'cron',
        virt_clock_audit_cron_file: hosts.at('hosts/cron'),
        virt_clock_audit_metrics_directory: hosts.at('hosts/metrics'),
      };
      expect(await changes(schedule, '--tags', 'virt_clock_audit_configure')).to.be.above(0);
    } finally {
      process.umask(own);
    }
    for (const path of ['prefix', 'prefix/bin', 'prefix/lib/node_modules', 'metrics']) {
      expect(mode(hosts.at(`hosts/${path}`)), path).to.equal(0o755);
    }
    expect(mode(bin)).to.equal(0o755);
    expect(mode(hosts.at('hosts/kept'))).to.equal(0o1777);
    expect(await changes({}, ...INSTALL)).to.equal(0);
  });

  it('installs it again where somebody took it away', async () => {
    rmSync(hosts.at('hosts/prefix/lib/node_modules/virt-clock-audit'), { recursive: true });
    expect(await changes({}, ...INSTALL, '--check')).to.be.above(0);
    expect(existsSync(bin)).to.equal(false);
    expect(await changes({}, ...INSTALL)).to.be.above(0);
    expect(existsSync(bin)).to.equal(true);
    expect(await changes({}, ...INSTALL)).to.equal(0);
  });

  it('makes up for an installation during which a host was lost', async () => {
    rmSync(hosts.at('hosts/prefix'), { recursive: true, force: true });
    const lost = {
      ...{ ansible_host: '127.0.0.1', ansible_port: 9, virt_clock_audit_hosts: 'here' },
      ...{ virt_clock_audit_run: false, virt_clock_audit_become: false },
    };
    for (const [before, step] of [
      ['__virt_clock_audit_place', '__virt_clock_audit_copied'],
      ['__virt_clock_audit_unmarked', '__virt_clock_audit_npm_run'],
    ]) {
      const connection = `{{ 'ssh' if ${before} is defined and ${step} is not defined else 'local' }}`;
      const variables = { ...lost, ansible_connection: connection };
      const run = await hosts.controller.play('virt_clock.audit.fleet', variables);
      expect(run.exitCode, run.output).not.to.equal(0);
      expect(run.hosts.here, run.output).to.include({ failed: 1 });
      expect(run.output).to.include('The connection to here was lost');
      expect(existsSync(bin)).to.equal(false);
    }
    expect(existsSync(hosts.at('hosts/kept/installed'))).to.equal(false);
    expect(await changes({}, ...INSTALL)).to.be.above(0);
    expect(existsSync(bin)).to.equal(true);
    expect(await changes({}, ...INSTALL)).to.equal(0);
  });

  it('takes away what it kept of it, and then the directory', async () => {
    writeFileSync(hosts.at('hosts/kept/note'), 'mine');
    const remove = [
      {
        'ansible.builtin.include_role': {
          name: 'virt_clock.audit.virt_clock_audit',
          tasks_from: 'remove',
        },
      },
    ];
    const elsewhere = Object.fromEntries(
      ['systemd', 'metrics', 'facts'].map((name) => [
        `virt_clock_audit_${name}_directory`,
        hosts.at('hosts/none'),
      ]),
    );
    const variables = { ...elsewhere, virt_clock_audit_cron_file: hosts.at('hosts/cron') };
    for (const left of [true, false]) {
      const { hosts: counts, output } = await hosts.controller.playTasks('here', remove, variables);
      expect(counts.here, output).to.include({ failed: 0 });
      expect(existsSync(hosts.at('hosts/kept/virt-clock-audit.tgz'))).to.equal(false);
      expect(existsSync(hosts.at('hosts/kept'))).to.equal(left);
      rmSync(hosts.at('hosts/kept/note'), { force: true });
    }
  });
});
