import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Report } from '../../src/report/report.js';
import { requireCommand } from '../support/requirement.js';
import { runProcess } from '../support/runTool.js';
import type { HostVariables } from './playbooks.js';
import { type Fleet, requireFleet, startFleet } from './startFleet.js';
import { understoodUnit } from './understoodUnit.js';

const SERVICE = 'virt-clock-audit.service';
const DROP_IN = `etc/systemd/system/${SERVICE}.d/role.conf`;
/** What a shell, systemd and cron would each make something else of. */
const ODD = `it's "a" \\ $HOME $$ 100% ; {ok}`;
/** Without a variable, which Ansible itself puts in where paths are meant. */
const ODD_DIRECTORY = ODD.replace('$HOME ', '');

describe('what the role has run between plays', function () {
  this.timeout(180_000);
  let fleet: Fleet;
  let asked: string;

  before(async function () {
    requireFleet(this);
    requireCommand(this, 'systemd-analyze');
    fleet = await startFleet();
    const { hosts, output } = await fleet.controller.playRole('good', {});
    expect(hosts.good, output).to.include({ failed: 0 });
    const systemctl = join(fleet.good.bin, 'systemctl');
    asked = join(fleet.good.root, 'systemctl.log');
    // Tells of a timer that is known, and neither enabled nor started.
    const answers = `case $1 in show) echo LoadState=loaded; echo ActiveState=inactive;; is-enabled) exit 1;; esac`;
    writeFileSync(systemctl, `#!/bin/sh\necho "$@" >> ${asked}\n${answers}\n`);
    chmodSync(systemctl, 0o755);
  });
  after(() => fleet?.stop());

  async function schedule(name: string, more: HostVariables = {}, ...options: string[]): Promise<number> {
    const variables = { virt_clock_audit_schedule: name, ...more };
    const tags = ['--tags', 'virt_clock_audit_configure', ...options];
    const run = await fleet.controller.playRole('good', variables, ...tags);
    expect(run.hosts.good, run.output).to.include({ failed: 0 });
    return run.hosts.good?.changed ?? 0;
  }
  const odd = () => ({
    virt_clock_audit_metrics_directory: fleet.good.at(`lib/${ODD_DIRECTORY}`),
    virt_clock_audit_state_directory: fleet.good.at(`lib/state ${ODD_DIRECTORY}`),
    virt_clock_audit_arguments: ['--no-host', '--guest-os', `${ODD}=linux`],
  });

  /** What a run that was started with nothing but a PATH left, in the directories of {@link odd}. */
  async function ran(environment: readonly string[], command: string): Promise<Report> {
    const run = await runProcess('env', ['-i', ...environment, 'sh', '-c', command]);
    expect(run.stderr, command).to.equal('');
    expect({ exitCode: run.exitCode, stdout: run.stdout }).to.deep.equal({ exitCode: 0, stdout: '' });
    expect(fleet.good.has(`lib/state ${ODD_DIRECTORY}/state.json`)).to.equal(true);
    expect(fleet.good.read(`lib/${ODD_DIRECTORY}/virt-clock-audit.prom`)).to.include('virt_clock_audit_');
    return JSON.parse(fleet.good.read(`lib/state ${ODD_DIRECTORY}/report.json`));
  }
  function expectAllArguments({ policy, domains, run, host }: Report): void {
    expect(policy.guests.map(({ target }) => target)).to.include(ODD);
    expect(policy.profile).to.equal('nova');
    expect(domains.map(({ name }) => name)).to.deep.equal(['fine']);
    expect(run.sources[0]?.location).to.equal(fleet.libvirtd.uri);
    expect(host).to.equal(null);
  }

  it('is a line for cron with all the arguments', async () => {
    const { good } = fleet;
    // cron runs the tool as the play does, in directories that are there.
    expect(await schedule('cron', odd())).to.equal(3);
    expect(await schedule('cron', odd())).to.equal(0);
    const line = () =>
      /^\d+ \* \* \* \* root (.*)$/m.exec(good.read('etc/cron.d/virt-clock-audit'))?.[1] ?? '';
    expect(line()).to.include(' --jitter 600 ');
    expect(await schedule('cron', { ...odd(), virt_clock_audit_jitter_seconds: 0 })).to.equal(1);
    expect(line()).to.include(' --jitter 0 ');
    expectAllArguments(await ran([`PATH=${good.bin}`], line().replaceAll('\\%', '%')));
  });

  it('is a timer whose service has all the arguments, as systemd understands them', async () => {
    const { good } = fleet;
    expect(await schedule('systemd', odd(), '--check')).to.be.above(2);
    expect(good.has(DROP_IN)).to.equal(false);
    expect(await schedule('systemd', odd())).to.be.above(0);
    expect(good.has('etc/cron.d/virt-clock-audit')).to.equal(false);
    const { command, environment, writable, protectHome } = await understoodUnit(
      good.at('etc/systemd/system'),
      SERVICE,
    );
    expect(environment).to.deep.equal([`PATH=${good.bin}`]);
    expect(command.startsWith(`${good.at('prefix/bin/virt-clock-audit')} audit `), command).to.equal(true);
    expect(writable)
      .to.include(`-${good.at(`lib/${ODD_DIRECTORY}`)}`)
      .and.include(`-${good.at(`lib/state ${ODD_DIRECTORY}`)}`);
    expect(protectHome).to.equal('yes');
    expectAllArguments(await ran(environment, command));
    const withoutNode = await runProcess('env', ['-i', `PATH=${fleet.withoutNode.bin}`, 'sh', '-c', command]);
    expect(withoutNode.exitCode, 'the tool needs that PATH').to.equal(127);
    expect(readFileSync(asked, 'utf8'))
      .to.include('daemon-reload\n')
      .and.include('enable virt-clock-audit.timer')
      .and.include('start virt-clock-audit.timer');
  });

  it('lets the service read what is in a home', async () => {
    const { good } = fleet;
    const path = `${good.bin}:/root/.nvm/bin`;
    await schedule('systemd', { ...odd(), virt_clock_audit_search_path: path });
    const unit = await understoodUnit(good.at('etc/systemd/system'), SERVICE);
    expect(unit).to.include({ protectHome: 'read-only' });
    expect(unit.environment).to.deep.equal([`PATH=${path}`]);
  });

  it('takes away what it wrote, and nobody else', async () => {
    const { controller, good } = fleet;
    const timer = 'etc/systemd/system/virt-clock-audit.timer';
    expect(good.has(timer) && good.has(DROP_IN)).to.equal(true);
    const own = `etc/systemd/system/${SERVICE}.d/own.conf`;
    writeFileSync(good.at(own), '[Service]\nNice=15\n');
    const role = { name: 'virt_clock.audit.virt_clock_audit', tasks_from: 'remove' };
    const remove = async () => {
      const run = await controller.playTasks('good', [{ 'ansible.builtin.include_role': role }]);
      expect(run.hosts.good, run.output).to.include({ failed: 0 });
    };
    await remove();
    for (const path of ['etc/ansible/facts.d/virt_clock_audit.fact', timer, DROP_IN]) {
      expect(good.has(path), path).to.equal(false);
    }
    expect(good.has('lib/virt-clock-audit/report.json')).to.equal(false);
    expect(good.has(own)).to.equal(true);
    expect(good.has('etc/virt-clock-audit.yaml')).to.equal(true);
    writeFileSync(good.at(own), '');
    await runProcess('rm', [good.at(own)]);
    await remove();
    expect(existsSync(good.at(`etc/systemd/system/${SERVICE}.d`))).to.equal(false);
  });
});
