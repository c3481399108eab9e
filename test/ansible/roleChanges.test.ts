import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { runProcess } from '../support/runTool.js';
import { type Fleet, HOSTILE, requireFleet, startFleet } from './startFleet.js';

describe('what the role changes on hosts', function () {
  this.timeout(180_000);
  let fleet: Fleet;

  before(async function () {
    requireFleet(this);
    fleet = await startFleet();
    const { hosts, output } = await fleet.controller.playRole('good:bad', {
      virt_clock_audit_fail_on: 'never',
    });
    expect(hosts.good, output).to.include({ failed: 0 });
  });
  after(() => fleet?.stop());

  const mending = {
    virt_clock_audit_apply: true,
    virt_clock_audit_apply_domains: ['[{]*'],
    virt_clock_audit_apply_checks: ['domain/rtc-track'],
  };
  const definition = () => fleet.libvirtd.virsh('dumpxml', '--inactive', '--domain', HOSTILE);
  const newProfile = { virt_clock_audit_configuration: { profile: 'scs-0129' } };

  it('shows a change of the configuration in check mode, and makes it afterwards', async () => {
    const { controller, good } = fleet;
    const before = good.files();
    const elsewhere = { ...newProfile, virt_clock_audit_configuration_file: good.at('etc/new.yaml') };
    const fresh = await controller.playRole('good', elsewhere, '--check');
    expect(fresh.hosts.good, fresh.output).to.include({ changed: 1, failed: 0 });
    const check = await controller.playRole(
      'good',
      newProfile,
      ...['--check', '--diff', '--tags', 'virt_clock_audit_configure'],
    );
    expect(check.hosts.good, check.output).to.include({ changed: 1, failed: 0 });
    expect(check.output).to.include('-profile: nova\n').and.include('+profile: scs-0129\n');
    expect(good.files()).to.deep.equal(before);
    const real = await controller.playRole('good', newProfile, '--tags', 'virt_clock_audit_configure');
    expect(real.hosts.good, real.output).to.include({ changed: 1, failed: 0 });
    expect(good.read('etc/virt-clock-audit.yaml')).to.include('profile: scs-0129');
  });

  it('leaves the configuration as it is when the new one is wrong', async () => {
    const { controller, good } = fleet;
    const before = good.read('etc/virt-clock-audit.yaml');
    const wrong = { virt_clock_audit_configuration: { profil: 'nova' } };
    const { hosts, output } = await controller.playRole(
      'good',
      wrong,
      '--tags',
      'virt_clock_audit_configure',
    );
    expect(hosts.good, output).to.include({ changed: 0, failed: 1 });
    expect(output).to.include("unknown key 'profil' in the configuration; did you mean 'profile'?");
    expect(good.read('etc/virt-clock-audit.yaml')).to.equal(before);
  });

  it('mends nothing that is not named', async () => {
    const before = await definition();
    const { hosts, output } = await fleet.controller.playRole(
      'bad',
      { virt_clock_audit_apply: true },
      ...['--tags', 'virt_clock_audit_apply'],
    );
    expect(hosts.bad, output).to.include({ changed: 0, failed: 1 });
    expect(output).to.include('virt_clock_audit_apply_domains names, and it names none');
    expect(await definition()).to.equal(before);
  });

  it('shows in check mode what it would mend', async () => {
    const before = await definition();
    const { hosts, output } = await fleet.controller.playRole('bad', mending, '--check', '--diff');
    expect(hosts.bad, output).to.include({ changed: 1, failed: 0 });
    expect(output).to.include(`-    <timer name='rtc' track='guest'/>`);
    expect(await definition()).to.equal(before);
    expect(existsSync(fleet.bad.at('lib/backups'))).to.equal(false);
  });

  it('mends what is named, and nothing more the second time', async () => {
    const { controller } = fleet;
    const first = await controller.playRole('bad', mending);
    expect(first.hosts.bad, first.output).to.include({ changed: 1, failed: 0 });
    const mended = await definition();
    expect(mended).not.to.include("track='guest'");
    const second = await controller.play('virt_clock.audit.mend', {
      ...mending,
      virt_clock_audit_become: false,
      virt_clock_audit_hosts: 'bad',
    });
    expect(second.hosts.bad, second.output).to.include({ changed: 0, failed: 0 });
    expect(await definition()).to.equal(mended);
    expect(fleet.carriedOut()).to.equal(false);
  });

  it('says what is wrong with a run that made no report', async () => {
    const { controller } = fleet;
    const { hosts, output } = await controller.playRole('good', {
      virt_clock_audit_arguments: ['--nonsense'],
    });
    expect(hosts.good, output).to.include({ failed: 1 });
    expect(output).to.match(/could not audit good \(exit code 3\):.*unknown option '--nonsense'/);
    const variables = { virt_clock_audit_state_directory: '/proc', virt_clock_audit_fail_on: 'never' };
    const unsaved = await controller.playRole('good', variables, '--tags', 'virt_clock_audit_run');
    expect(unsaved.hosts.good, unsaved.output).to.include({ failed: 1 });
    expect(unsaved.output).to.include('cannot write /proc/report.json');
  });

  it('has cron or a timer of systemd run it, or neither', async () => {
    const { controller, good } = fleet;
    const systemctl = join(good.bin, 'systemctl');
    const asked = join(good.root, 'systemctl.log');
    // Tells of a timer that is known, and neither enabled nor started.
    const answers = `case $1 in show) echo LoadState=loaded; echo ActiveState=inactive;; is-enabled) exit 1;; esac`;
    writeFileSync(systemctl, `#!/bin/sh\necho "$@" >> ${asked}\n${answers}\n`);
    chmodSync(systemctl, 0o755);
    const schedule = async (name: string) => {
      const variables = { virt_clock_audit_schedule: name };
      const run = await controller.playRole('good', variables, '--tags', 'virt_clock_audit_configure');
      expect(run.hosts.good, run.output).to.include({ failed: 0 });
      return run.hosts.good?.changed ?? 0;
    };
    expect(await schedule('cron')).to.be.above(0);
    expect(await schedule('cron')).to.equal(0);
    const [, line = ''] = /^\d+ \* \* \* \* root (.*)$/m.exec(good.read('etc/cron.d/virt-clock-audit')) ?? [];
    expect(line).to.include(' --jitter 600 ');
    const command = line.replace(' --jitter 600 ', ' ').replaceAll('\\%', '%');
    const run = await runProcess('sh', ['-c', command], { env: { PATH: good.bin } });
    expect(run.stderr, line).to.equal('');
    expect({ exitCode: run.exitCode, stdout: run.stdout }).to.deep.equal({ exitCode: 0, stdout: '' });
    expect(good.has('lib/virt-clock-audit/state.json')).to.equal(true);
    expect(await schedule('systemd')).to.be.above(0);
    expect(good.has('etc/cron.d/virt-clock-audit')).to.equal(false);
    const unit = good.read('etc/systemd/system/virt-clock-audit.service');
    expect(unit).to.include(good.at('prefix/bin/virt-clock-audit'));
    expect(unit).not.to.include('/usr/bin/virt-clock-audit');
    expect(readFileSync(asked, 'utf8'))
      .to.include('daemon-reload\n')
      .and.include('enable virt-clock-audit.timer')
      .and.include('start virt-clock-audit.timer');
  });

  it('takes away what it wrote', async () => {
    const { controller, good } = fleet;
    expect(good.has('etc/systemd/system/virt-clock-audit.timer')).to.equal(true);
    const role = { name: 'virt_clock.audit.virt_clock_audit', tasks_from: 'remove' };
    const { hosts, output } = await controller.playTasks('good', [{ 'ansible.builtin.include_role': role }]);
    expect(hosts.good, output).to.include({ failed: 0 });
    const gone = ['etc/ansible/facts.d/virt_clock_audit.fact', 'etc/systemd/system/virt-clock-audit.timer'];
    for (const path of [...gone, 'lib/virt-clock-audit/report.json']) {
      expect(good.has(path), path).to.equal(false);
    }
    expect(good.has('etc/virt-clock-audit.yaml')).to.equal(true);
  });
});
