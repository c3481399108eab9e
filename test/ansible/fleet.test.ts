import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { requireCommand } from '../support/requirement.js';
import { tool } from '../support/runTool.js';
import { ALL_AS_ROOT, type LocalHosts, startLocalHosts } from './localHosts.js';
import type { HostVariables } from './playbooks.js';

describe('the play for a fleet', function () {
  this.timeout(180_000);
  let local: LocalHosts;

  before(async function () {
    requireCommand(this, 'ansible-playbook');
    local = await startLocalHosts();
  });
  afterEach(() => rmSync(reports(), { recursive: true, force: true }));
  after(() => local?.stop());

  const reports = () => join(local.cwd, 'reports');
  const play = (variables: HostVariables, ...options: string[]) => {
    const controller = { virt_clock_audit_controller_command: tool, virt_clock_audit_become: false };
    return local.controller.play('virt_clock.audit.fleet', { ...controller, ...variables }, ...options);
  };

  it('audits the waves after one that it lost, and fails who was lost', async () => {
    const inventory = {
      a: {},
      'without-python': { ansible_python_interpreter: '/nowhere/python3' },
      // Reached at first, and no more once it is audited: nobody listens at that port.
      leaving: {
        ansible_connection: "{{ 'ssh' if virt_clock_audit_outcome is defined else 'local' }}",
        ansible_host: '127.0.0.1',
        ansible_port: 9,
      },
      gone: { ansible_connection: 'ssh', ansible_host: '127.0.0.1', ansible_port: 9 },
      // What mend.yml goes by is no wish for this play.
      z: { virt_clock_audit_apply: true },
    };
    local.have(inventory, ALL_AS_ROOT);
    const { hosts, output, exitCode } = await play({ virt_clock_audit_serial: 1 });
    expect(exitCode, output).not.to.equal(0);
    for (const name of ['a', 'z']) {
      expect(hosts[name], output).to.include({ failed: 0, unreachable: 0 });
      expect(output).not.to.include(`No report of ${name}`);
    }
    for (const name of ['without-python', 'leaving', 'gone']) {
      expect(hosts[name], output).to.include({ failed: 1, unreachable: 0 });
      expect(output).to.include(`No report of ${name}`);
    }
    expect(readdirSync(reports()).sort()).to.deep.equal([
      'a.json',
      'fleet.md',
      'fleet.sarif',
      'fleet.xml',
      'z.json',
    ]);
    expect(statSync(reports()).mode & 0o777).to.equal(0o700);
    const { runs } = JSON.parse(readFileSync(join(reports(), 'fleet.sarif'), 'utf8'));
    // All of them are this machine, and call themselves the same.
    const ids = runs.map(
      ({ automationDetails }: { automationDetails: { id: string } }) => automationDetails.id,
    );
    expect(ids).to.deep.equal(['virt-clock-audit/a/', 'virt-clock-audit/z/']);
    expect(readFileSync(join(reports(), 'fleet.md'), 'utf8')).to.match(/\(a\).*\(z\)/s);
  });

  it('takes nothing for done that a lost connection kept from being done', async () => {
    const lost = { ansible_host: '127.0.0.1', ansible_port: 9 };
    const during = (before: string, step: string) => ({
      ...{ ...lost, virt_clock_audit_configuration: { profile: 'nova' } },
      ansible_connection: `{{ 'ssh' if ${before} is defined and ${step} is not defined else 'local' }}`,
    });
    const own = (name: string, path: string) => local.at(`hosts/${name}.${path}`);
    const inventory = {
      asking: during('fleet_reached', '__virt_clock_audit_probe'),
      configuring: during('__virt_clock_audit_report_place_made', '__virt_clock_audit_written'),
      publishing: {
        ...during('__virt_clock_audit_facts_place', '__virt_clock_audit_fact_written'),
        ...{
          virt_clock_audit_publish_facts: true,
          virt_clock_audit_facts_directory: own('publishing', 'facts'),
        },
      },
    };
    const steps = Object.entries(inventory).map(([name, variables]) => {
      const file = own(name, 'yaml');
      return [name, { ...variables, virt_clock_audit_configuration_file: file }] as const;
    });
    local.have(Object.fromEntries(steps));
    const checked = await play({}, '--check', '--limit', 'asking');
    expect(checked.hosts.asking, checked.output).to.include({ failed: 1, changed: 0 });
    expect(checked.output).to.include('Whether this is check mode cannot be told of asking');
    expect(existsSync(local.at('hosts/asking'))).to.equal(false);

    const { hosts, output, exitCode } = await play({});
    expect(exitCode, output).not.to.equal(0);
    for (const name of Object.keys(inventory)) expect(hosts[name], output).to.include({ failed: 1 });
    for (const name of ['configuring', 'publishing']) {
      expect(output).to.include(`The connection to ${name} was lost`);
    }
    expect(existsSync(own('configuring', 'yaml'))).to.equal(false);
    expect(existsSync(local.at('hosts/configuring/report.json'))).to.equal(false);
    expect(existsSync(own('publishing', 'facts/virt_clock_audit.fact'))).to.equal(false);
  });

  it('takes no report for missing where none was asked for', async () => {
    local.have({ a: {} });
    const { hosts, output, exitCode } = await play({ virt_clock_audit_run: false });
    expect(exitCode, output).to.equal(0);
    expect(hosts.a, output).to.include({ failed: 0 });
    expect(output).to.include('No report of a: virt_clock_audit_run is false');
  });

  it('tells no directory of the controller as a change of a host', async () => {
    local.have({ a: { virt_clock_audit_state_directory: local.at('hosts') } });
    for (const options of [['--check'], []]) {
      const { hosts, output } = await play({}, ...options);
      expect(hosts.a, output).to.include({ failed: 0, changed: 0 });
    }
    expect(existsSync(reports())).to.equal(true);
  });

  it('audits no more than twenty at a time, or all', async () => {
    // They are done with at once.
    const names = Array.from({ length: 21 }, (_, index) => `h${index}`);
    local.have(
      Object.fromEntries(names.map((name) => [name, { ansible_python_interpreter: '/nowhere/python3' }])),
    );
    const { output } = await play({}, '--check');
    const waves = output.split('PLAY [Audit the hypervisors]').slice(1);
    const sizes = waves.map((wave) => wave.match(/^fatal: \[h\d+\]: FAILED! => .*nowhere/gm)?.length);
    expect(sizes, output).to.deep.equal([20, 1]);
    const all = await play({ virt_clock_audit_serial: 0 }, '--check');
    expect(all.output.split('PLAY [Audit the hypervisors]')).to.have.length(2);
  });

  it('does not mend what --extra-vars would have it mend', async () => {
    local.have({ a: {} });
    const { output, exitCode } = await play({
      virt_clock_audit_apply: true,
      virt_clock_audit_apply_domains: ['*'],
    });
    expect(exitCode, output).not.to.equal(0);
    expect(output).to.include('with which this play would mend guests').and.include('virt_clock.audit.mend');
    expect(output).not.to.include('Reach the host');
    expect(existsSync(reports())).to.equal(false);
  });
});
