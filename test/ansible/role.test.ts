import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { projectRoot, runProcess } from '../support/runTool.js';
import type { HostVariables } from './playbooks.js';
import { type Fleet, HOSTILE, requireFleet, startFleet } from './startFleet.js';

describe('the role, played over a real sshd', function () {
  this.timeout(180_000);
  let fleet: Fleet;

  before(async function () {
    requireFleet(this);
    fleet = await startFleet();
  });
  after(() => fleet?.stop());

  const fetched = (name: string) => JSON.parse(readFileSync(join(fleet.reports, `${name}.json`), 'utf8'));

  it('predicts in check mode what it would do to a new host, and does nothing', async () => {
    const { controller, good, reports } = fleet;
    const before = good.files();
    const { hosts, output } = await controller.playRole('good', {}, '--check', '--diff');
    expect(hosts.good, output).to.include({ failed: 0 });
    expect(hosts.good?.changed, output).to.be.above(2);
    expect(output).to.include('The tool is not installed yet');
    expect(good.files()).to.deep.equal(before);
    expect(existsSync(reports)).to.equal(false);
  });

  it('installs, configures, audits and judges each host, whatever becomes of the others', async () => {
    const { controller, good } = fleet;
    const { hosts, output, exitCode } = await controller.playRole('compute:!odd*', {});
    expect(hosts.good, output).to.include({ failed: 0, unreachable: 0 });
    expect(hosts.good?.changed).to.be.above(3);
    expect(hosts.bad, output).to.include({ failed: 1, unreachable: 0 });
    expect(hosts['without-node'], output).to.include({ changed: 0, failed: 1 });
    expect(hosts.gone, output).to.include({ unreachable: 1 });
    expect(exitCode).not.to.equal(0);
    expect(output).to.include('virt-clock-audit on bad: 1 failed, 0 with a warning, 0 not checked');
    expect(output).to.include(`fail domain/rtc-track (domain ${HOSTILE}): `);
    expect(output).to.include('needs node 20 or newer on the host, and there is none');
    expect(fleet.carriedOut()).to.equal(false);
    expect(good.read('etc/virt-clock-audit.yaml')).to.match(/^#\n# Ansible managed\n#\n/);
    for (const [name, outcome] of Object.entries({ good: 'pass', bad: 'fail' })) {
      expect(fetched(name).summary.outcome).to.equal(outcome);
      expect(fetched(name).policy.profile).to.equal('nova');
    }
  });

  it('changes nothing the second time, and lets a threshold decide', async () => {
    const variables = { virt_clock_audit_fail_on: 'unknown' };
    const { hosts, output } = await fleet.controller.playRole('good:bad:odd*', variables);
    expect(hosts.good, output).to.include({ changed: 0, failed: 0 });
    expect(hosts.bad, output).to.include({ changed: 0, failed: 0 });
    const odd = readdirSync(fleet.reports).find((name) => name.startsWith('odd'));
    expect(odd).to.match(/^odd_\.\._\.\._\.\._name-[0-9a-f]{12}\.json$/);
  });

  it('serves the last report as a local fact', async () => {
    const { controller, good, bad } = fleet;
    const factsOf = async (name: string, directory: string) => {
      const result = await controller.adHoc(
        name,
        'setup',
        `filter=ansible_local gather_subset=!all,!min,local fact_path=${directory}`,
      );
      return (result as never as { ansible_facts: { ansible_local: { virt_clock_audit: object } } })
        .ansible_facts.ansible_local.virt_clock_audit;
    };
    expect(await factsOf('good', good.at('etc/ansible/facts.d'))).to.include({
      available: true,
      outcome: 'pass',
      exit_code: 0,
      domains: 1,
      collected_at: fetched('good').run.collectedAt,
    });
    const path = good.at('lib/virt-clock-audit/report.json');
    const report = JSON.parse(readFileSync(path, 'utf8'));
    for (const [age, stale] of [
      [60, false],
      [10_700, false],
      [10_900, true],
      [-60, false],
      [-10_900, true],
    ] as const) {
      const collectedAt = new Date(Date.now() - age * 1000).toISOString();
      writeFileSync(path, JSON.stringify({ ...report, run: { ...report.run, collectedAt } }));
      const fact = await factsOf('good', good.at('etc/ansible/facts.d'));
      expect(fact, `${age}`).to.include({ available: true, stale });
      expect((fact as { age_seconds: number }).age_seconds).to.be.closeTo(age, 30);
    }
    writeFileSync(path, '{"run": 4}');
    expect(await factsOf('good', good.at('etc/ansible/facts.d'))).to.deep.equal({
      available: false,
      reason: `${good.at('lib/virt-clock-audit/report.json')} is no report of virt-clock-audit`,
    });
    const fact = () => runProcess(good.at('etc/ansible/facts.d/virt_clock_audit.fact'), []);
    writeFileSync(path, '['.repeat(200_000));
    expect(await fact()).to.include({ exitCode: 0, stderr: '' });
    rmSync(path);
    // Nobody will ever write to it.
    await runProcess('mkfifo', [path]);
    const pipe = await fact();
    expect(pipe).to.include({ exitCode: 0, stderr: '' });
    expect(JSON.parse(pipe.stdout)).to.deep.equal({ available: false, reason: `${path} is no file` });
    rmSync(path);
    expect(await factsOf('bad', bad.at('etc/ansible/facts.d'))).to.deep.include({
      outcome: 'fail',
      findings: [{ check: 'domain/rtc-track', domain: HOSTILE, outcome: 'fail' }],
    });
  });

  it('takes what a guest is called for data, which a variable of the play would not be', async () => {
    const { controller } = fleet;
    const use = [{ 'ansible.builtin.debug': { msg: '{{ carried }}' } }];
    await controller.playTasks('localhost', use, { carried: HOSTILE }, '--connection', 'local');
    expect(fleet.carriedOut(), 'the name does what it says').to.equal(true);
    const role = { name: 'virt_clock.audit.virt_clock_audit' };
    const facts = '{{ ansible_local.virt_clock_audit.findings }} {{ virt_clock_audit_outcome }}';
    const tasks = [
      { 'ansible.builtin.include_role': role },
      { 'ansible.builtin.set_fact': { kept: '{{ ansible_local.virt_clock_audit.findings }}' } },
      { 'ansible.builtin.debug': { msg: `{{ kept }} ${facts}` } },
    ];
    const { hosts, output } = await controller.playTasks(
      'bad',
      tasks,
      { virt_clock_audit_fail_on: 'never' },
      '-vv',
    );
    expect(hosts.bad, output).to.include({ failed: 0 });
    expect(output).to.include('carried-out');
    expect(fleet.carriedOut()).to.equal(false);
  });

  const fleetPlay = (more: HostVariables, ...options: string[]) =>
    fleet.controller.play(
      'virt_clock.audit.fleet',
      {
        virt_clock_audit_become: false,
        virt_clock_audit_serial: [1, '100%'],
        virt_clock_audit_fleet_directory: fleet.reports,
        virt_clock_audit_controller_command: join(projectRoot, 'bin', 'virt-clock-audit.js'),
        ...more,
      },
      ...options,
    );
  const merged = (): string[] => {
    const { runs } = JSON.parse(readFileSync(join(fleet.reports, 'fleet.sarif'), 'utf8'));
    rmSync(join(fleet.reports, 'fleet.sarif'));
    return runs;
  };

  it('merges the reports of a fleet, without those that an earlier run left', async () => {
    const { hosts, output } = await fleetPlay({ virt_clock_audit_hosts: 'compute' });
    expect(hosts.good, output).to.include({ failed: 0 });
    expect(hosts.bad, output).to.include({ failed: 1 });
    expect(output).to.include('No report of gone').and.include('No report of without-node');
    expect(merged()).to.have.length(3);
    for (const name of ['fleet.md', 'fleet.xml']) {
      expect(readFileSync(join(fleet.reports, name), 'utf8')).to.include('domain/rtc-track');
    }
  });

  it('merges the reports of those that a pattern or --limit leaves, and speaks of no others', async () => {
    const pattern = await fleetPlay({ virt_clock_audit_hosts: 'compute:!odd*:!gone:!without-node' });
    expect(pattern.hosts.bad, pattern.output).to.include({ failed: 1 });
    expect(merged()).to.have.length(2);
    for (const limit of ['good', 'good,localhost']) {
      const { output, exitCode } = await fleetPlay({}, '--limit', limit);
      expect(exitCode, output).to.equal(0);
      expect(output).not.to.include('No report of');
      expect(merged(), limit).to.have.length(1);
    }
  });

  it('fails a fleet that has nobody, and one whose reports cannot be merged', async () => {
    for (const [pattern, ...options] of [['nowhere'], ['compute:!compute'], ['bad', '--limit', 'good']]) {
      const { exitCode, output } = await fleetPlay({ virt_clock_audit_hosts: pattern }, ...options);
      expect(exitCode, output).not.to.equal(0);
      expect(output).to.match(/no host of the inventory is \S+, or --limit leaves none/);
    }
    const command = { virt_clock_audit_controller_command: '/nowhere/virt-clock-audit' };
    const unmerged = await fleetPlay({ virt_clock_audit_hosts: 'good:bad', ...command });
    expect(unmerged.hosts.good, unmerged.output).to.include({ failed: 1 });
    expect(unmerged.output).to.include('See above, or the report, for what is wrong with bad');
    expect(unmerged.output).to.match(/could not be merged on the controller: .*No such file/);
  });
});
