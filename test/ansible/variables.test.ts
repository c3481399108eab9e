import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { expect } from 'chai';
import { requireCommand } from '../support/requirement.js';
import { goodClock, tinyDomainXml } from '../support/tinyDomain.js';
import { type LocalHosts, startLocalHosts } from './localHosts.js';
import type { HostCounts, HostVariables } from './playbooks.js';

const ROLE = 'virt_clock.audit.virt_clock_audit';

describe('what the role makes of its variables', function () {
  this.timeout(180_000);
  let hosts: LocalHosts;

  before(async function () {
    requireCommand(this, 'ansible-playbook');
    hosts = await startLocalHosts();
    const clock = goodClock("<timer name='rtc' track='guest'/>");
    writeFileSync(hosts.at('bad.xml'), tinyDomainXml({ name: 'bad', clock }));
    hosts.have({ here: { virt_clock_audit_configuration_file: hosts.at('hosts/configuration.yaml') } });
  });
  after(() => hosts?.stop());

  async function played(
    variables: HostVariables,
    ...options: string[]
  ): Promise<[counts: HostCounts | undefined, output: string]> {
    const run = await hosts.controller.playRole('here', variables, ...options);
    return [run.hosts.here, run.output];
  }

  it('takes no text for a list, and no minute or jitter that there is not', async () => {
    const lists = ['domains', 'arguments', 'apply_domains', 'apply_checks', 'apply_arguments'];
    const texts = Object.fromEntries(lists.map((name) => [`virt_clock_audit_${name}`, 'te*']));
    const [counts, output] = await played(texts, '--tags', 'virt_clock_audit_run');
    expect(counts, output).to.include({ changed: 0, failed: 1 });
    for (const name of Object.keys(texts)) expect(output).to.include(`"msg": "${name} is no list: `);
    for (const [name, value] of [
      ['cron_minute', 75],
      ['cron_minute', -1],
      ['jitter_seconds', 99_999],
    ] as const) {
      const [refused, said] = await played({ [`virt_clock_audit_${name}`]: value });
      expect(refused, said).to.include({ changed: 0, failed: 1 });
      expect(said).to.include('virt_clock_audit_cron_minute is 0 to 59');
    }
  });

  it('writes what it was given as text such that the tool reads text', async () => {
    const waivers = ['1e3', '0o17', 'größer: "a"'].map((target) => ({
      ...{ check: 'domain/hpet', target, reason: 'known', owner: 'compute' },
    }));
    const variables = { virt_clock_audit_configuration: { profile: 'nova', waivers } };
    const [counts, output] = await played(variables, '--tags', 'virt_clock_audit_configure');
    expect(counts, output).to.include({ failed: 0 });
    expect(readFileSync(hosts.at('hosts/configuration.yaml'), 'utf8'))
      .to.match(/^#\n# Ansible managed\n#\n\{\n/)
      .and.include('"target": "1e3"')
      .and.include('"target": "0o17"')
      .and.include('"target": "größer: \\"a\\""');
  });

  it('judges in check mode by the configuration that would be written, which it leaves nowhere', async () => {
    const left = () => readdirSync(tmpdir()).filter((name) => name.endsWith('.virt-clock-audit'));
    const before = left();
    const strict = {
      virt_clock_audit_arguments: ['--domxml', hosts.at('bad.xml'), '--no-host'],
      virt_clock_audit_configuration: { profile: 'nova' },
      virt_clock_audit_fail_on: 'fail',
    };
    const [written, said] = await played(strict);
    expect(written, said).to.include({ failed: 1 });
    expect(said).to.include('fail domain/rtc-track (domain bad): ');
    const checks = { 'domain/rtc-track': { severity: 'info' } };
    const lenient = { ...strict, virt_clock_audit_configuration: { profile: 'nova', checks } };
    const report = hosts.at('hosts/here/report.json');
    const reported = readFileSync(report, 'utf8');
    const [predicted, prediction] = await played(lenient, '--check');
    expect(predicted, prediction).to.include({ changed: 1, failed: 0 });
    // As a role that is included has the keyword.
    const included = { 'ansible.builtin.include_role': { name: ROLE, apply: { check_mode: true } } };
    const again = await hosts.controller.playTasks('here', [included], lenient);
    expect(again.hosts.here, again.output).to.include({ changed: 1, failed: 0 });
    expect(readFileSync(report, 'utf8')).to.equal(reported);
    expect(readFileSync(hosts.at('hosts/configuration.yaml'), 'utf8')).not.to.include('rtc-track');
    const [made, output] = await played(lenient);
    expect(made, output).to.include({ changed: 1, failed: 0 });
    const [back, end] = await played(strict, '--check');
    expect(back, end).to.include({ changed: 1, failed: 1 });
    expect(left()).to.deep.equal(before);
  });

  it('keeps no report on the controller', async () => {
    const forgetful = [
      { 'ansible.builtin.include_role': { name: ROLE } },
      { 'ansible.builtin.debug': { msg: 'kept: {{ __virt_clock_audit_run }}' } },
    ];
    const kept = await hosts.controller.playTasks('here', forgetful, {
      virt_clock_audit_publish_facts: false,
    });
    expect(kept.hosts.here, kept.output).to.include({ failed: 0 });
    expect(kept.output).to.match(/"msg": "kept: (?:None)?"/);
  });

  it('asks the tool whether it runs, and not the first node of the PATH', async () => {
    const script = (name: string, ...lines: string[]) => {
      writeFileSync(hosts.at(name), ['#!/bin/sh', ...lines, ''].join('\n'));
      chmodSync(hosts.at(name), 0o755);
      return hosts.at(name);
    };
    mkdirSync(hosts.at('old'));
    script('old/node', 'echo v12.0.0');
    const path = `${hosts.at('old')}:/usr/bin:/bin`;
    const install = (command: string) =>
      played(
        { virt_clock_audit_command: command, virt_clock_audit_search_path: path },
        ...['--tags', 'virt_clock_audit_install'],
      );
    const [counts, output] = await install(script('own', 'echo 1.0.0'));
    expect(counts, output).to.include({ failed: 0 });
    const [refused, said] = await install(script('broken', 'echo "of no use" >&2', 'exit 7'));
    expect(refused, said).to.include({ failed: 1 });
    expect(said).to.include('/broken --version failed: of no use').and.include('It needs node 20 or newer');
  });

  it('takes away what it put into a directory, and not what was there', async () => {
    const remove = [{ 'ansible.builtin.include_role': { name: ROLE, tasks_from: 'remove' } }];
    const place = hosts.at('place');
    const variables = Object.fromEntries(
      ['package', 'systemd', 'metrics', 'facts'].map((name) => [`virt_clock_audit_${name}_directory`, place]),
    );
    mkdirSync(`${place}/precious`, { recursive: true });
    const unit = `${place}/virt-clock-audit.service`;
    const own = ['virt-clock-audit.deb', 'virt-clock-audit.tgz', 'installed'].map(
      (name) => `${place}/${name}`,
    );
    for (const path of [`${place}/precious/data`, unit, ...own]) writeFileSync(path, '[Unit]\n');
    const file = { virt_clock_audit_cron_file: `${place}/cron` };
    const first = await hosts.controller.playTasks('here', remove, { ...variables, ...file });
    expect(first.hosts.here, first.output).to.include({ failed: 0 });
    expect(readFileSync(`${place}/precious/data`, 'utf8')).to.equal('[Unit]\n');
    expect(existsSync(unit), 'the operator wrote that').to.equal(true);
    expect(own.filter(existsSync)).to.deep.equal([]);
    expect(statSync(place).isDirectory()).to.equal(true);
  });
});
