import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { tinyDomainXml } from '../support/privateLibvirtd.js';
import { runProcess } from '../support/runTool.js';
import { agentChannelXml, goodClock } from '../support/tinyDomain.js';
import { type Fleet, HOSTILE, requireFleet, startFleet, TRACKING } from './startFleet.js';

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
    expect(check.output).to.include('-  "profile": "nova"\n').and.include('+  "profile": "scs-0129"\n');
    expect(good.files()).to.deep.equal(before);
    const real = await controller.playRole('good', newProfile, '--tags', 'virt_clock_audit_configure');
    expect(real.hosts.good, real.output).to.include({ changed: 1, failed: 0 });
    expect(good.read('etc/virt-clock-audit.yaml')).to.include('"profile": "scs-0129"');
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

  it('finds in check mode that the new configuration is wrong, and leaves nothing behind', async () => {
    const { controller, good } = fleet;
    const before = good.files();
    const wrong = { virt_clock_audit_configuration: { profil: 'nova' } };
    const left = () => readdirSync(tmpdir()).filter((name) => name.endsWith('.virt-clock-audit'));
    const leftBefore = left();
    const options = ['--check', '--diff', '--tags', 'virt_clock_audit_configure'];
    const { hosts, output } = await controller.playRole('good', wrong, ...options);
    expect(hosts.good, output).to.include({ failed: 1 });
    expect(output).to.include("unknown key 'profil' in the configuration; did you mean 'profile'?");
    expect(good.files()).to.deep.equal(before);
    expect(left()).to.deep.equal(leftBefore);
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

  it('says what kept it from mending', async () => {
    const nobody = { ...mending, virt_clock_audit_connect: 'qemu+unix:///system?socket=/nonexistent' };
    const { hosts, output } = await fleet.controller.playRole(
      'bad',
      nobody,
      ...['--tags', 'virt_clock_audit_apply'],
    );
    expect(hosts.bad, output).to.include({ changed: 0, failed: 1 });
    expect(output).to.match(/FAILED! => .*"msg": \[.*Failed to connect socket to '\/nonexistent'/);
  });

  it('shows in check mode what it would mend', async () => {
    const before = await definition();
    const { hosts, output } = await fleet.controller.playRole('bad', mending, '--check', '--diff');
    expect(hosts.bad, output).to.include({ changed: 1, failed: 0 });
    expect(output).to.include(`-    <timer name='rtc' track='guest'/>`);
    expect(await definition()).to.equal(before);
    // The keywords of a play, a block or a task do the same as the options.
    const files = fleet.bad.files();
    const role = { 'ansible.builtin.import_role': { name: 'virt_clock.audit.virt_clock_audit' } };
    const tasks = [{ ...role, check_mode: true, diff: true }];
    const keyword = await fleet.controller.playTasks('bad', tasks, mending);
    expect(keyword.hosts.bad, keyword.output).to.include({ changed: 1, failed: 0 });
    expect(keyword.output).to.include(`-    <timer name='rtc' track='guest'/>`);
    expect(await definition()).to.equal(before);
    expect(fleet.bad.files()).to.deep.equal(files);
    const undiffed = await fleet.controller.playTasks('bad', [{ ...role, check_mode: true }], mending);
    expect(undiffed.hosts.bad, undiffed.output).to.include({ changed: 1, failed: 0 });
    expect(undiffed.output).not.to.include(`track='guest'`);
    expect(existsSync(fleet.bad.at('lib/backups'))).to.equal(false);
  });

  it('changes nothing in check mode, whatever tags are skipped', async () => {
    const before = [await definition(), ...fleet.bad.files()];
    const role = { 'ansible.builtin.import_role': { name: 'virt_clock.audit.virt_clock_audit' } };
    const keyword = [{ ...role, check_mode: true }];
    const all = { ...mending, ...newProfile };
    const skip = (tag: string) => fleet.controller.playTasks('bad', keyword, all, '--skip-tags', tag);
    const unjudged = await skip('virt_clock_audit_assert');
    // The configuration and the definition.
    expect(unjudged.hosts.bad, unjudged.output).to.include({ changed: 2, failed: 0 });
    expect([await definition(), ...fleet.bad.files()]).to.deep.equal(before);
    const unknown = await skip('always');
    expect(unknown.hosts.bad, unknown.output).to.include({ changed: 0, failed: 1 });
    expect(unknown.output).to.include('--skip-tags always leaves out what tells whether this is check mode');
    await skip('always,virt_clock_audit_assert');
    expect([await definition(), ...fleet.bad.files()]).to.deep.equal(before);
  });

  it('judges in check mode all that it would not mend', async () => {
    const { controller, libvirtd } = fleet;
    const xml = tinyDomainXml({ name: 'other', clock: goodClock(TRACKING), devices: agentChannelXml });
    await libvirtd.define(xml);
    const both = { ...mending, virt_clock_audit_domains: ['[{]*', 'other'] };
    const host = await controller.playRole('bad', both, '--check');
    expect(host.hosts.bad, host.output).to.include({ failed: 1 });
    expect(host.output)
      .to.include(
        'virt-clock-audit on bad: 1 failed, 0 with a warning, 0 not checked, without 1 that apply would mend',
      )
      .and.include('fail domain/rtc-track (domain other): ')
      .and.not.include('fail domain/rtc-track (domain {{');
    // What apply would mend is nothing to what could not be read.
    const unread = { ...mending, virt_clock_audit_arguments: ['--no-host', '--domain', 'nobody'] };
    const problem = await controller.playRole('bad', unread, '--check');
    expect(problem.hosts.bad, problem.output).to.include({ failed: 1 });
    expect(problem.output).to.include('unknown no-such-domain (nobody): ');
    // A guest keeps what it runs with, also when the definition is mended.
    await libvirtd.virsh('start', '--paused', 'other');
    const running = { ...both, virt_clock_audit_apply_domains: ['[{]*', 'other'] };
    const live = await controller.playRole('bad', running, '--check');
    expect(live.hosts.bad, live.output).to.include({ failed: 1 });
    expect(live.output).to.include('fail domain/rtc-track (domain other): ');
    await libvirtd.virsh('destroy', 'other');
    const stopped = await controller.playRole('bad', running, '--check');
    expect(stopped.hosts.bad, stopped.output).to.include({ failed: 0 });
    await libvirtd.virsh('undefine', 'other');
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

  it('installs the tarball that is named, also when it is an older one', async () => {
    const { controller, good, tarball } = fleet;
    const [unpacked, older] = [good.at('prefix/unpacked'), good.at('prefix/older.tgz')];
    mkdirSync(unpacked);
    await succeeded('tar', ['-xzf', tarball, '-C', unpacked]);
    const manifest = join(unpacked, 'package', 'package.json');
    writeFileSync(
      manifest,
      JSON.stringify({ ...JSON.parse(readFileSync(manifest, 'utf8')), version: '0.0.7' }),
    );
    await succeeded('tar', ['-czf', older, '-C', unpacked, 'package']);
    const install = async (path: string, ...options: string[]) => {
      const tags = ['--tags', 'virt_clock_audit_install', ...options];
      const run = await controller.playRole('good', { virt_clock_audit_package: path }, ...tags);
      expect(run.hosts.good, run.output).to.include({ failed: 0 });
      return run.hosts.good?.changed ?? 0;
    };
    const version = async () =>
      (await succeeded(good.at('prefix/bin/virt-clock-audit'), ['--version'])).stdout.trim();
    const newer = await version();
    expect(newer).not.to.equal('0.0.7');
    for (const [path, expected] of [[older, '0.0.7'] as const, [tarball, newer] as const]) {
      const before = await version();
      expect(await install(path, '--check')).to.be.above(0);
      expect(await version()).to.equal(before);
      expect(await install(path)).to.be.above(0);
      expect(await version()).to.equal(expected);
      expect(await install(path)).to.equal(0);
    }
  });
});

async function succeeded(command: string, args: readonly string[]) {
  const run = await runProcess(command, args);
  expect(run.exitCode, run.stderr).to.equal(0);
  return run;
}
