import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { backupsIn, changeJson, onlyChange } from '../support/changes.js';
import { type PrivateLibvirtd, startPrivateLibvirtd, tinyDomainXml } from '../support/privateLibvirtd.js';
import { requireCommand } from '../support/requirement.js';
import { auditJson, domainNamed, runProcess, runTool, tool, verdicts } from '../support/runTool.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';
import { agentChannelXml } from '../support/tinyDomain.js';

const wrong =
  "<clock offset='utc'><timer name='rtc' track='guest'/><timer name='hpet' present='no'/></clock>";
const vnc = "<graphics type='vnc' port='-1' autoport='yes' passwd='geheim12'/>";
const spice = "<graphics type='spice' autoport='yes' passwd='secret34'/>";
const nova =
  "<metadata><nova:instance xmlns:nova='http://openstack.org/xmlns/libvirt/nova/1.1'><nova:name>x</nova:name></nova:instance></metadata>";

describe('apply', function () {
  this.timeout(120_000);
  let libvirtd: PrivateLibvirtd;
  let scratch: ScratchDirectory;
  let count = 0;

  before(async function () {
    requireCommand(this, 'libvirtd', 'virsh', 'qemu-system-x86_64', 'setpriv');
    libvirtd = await startPrivateLibvirtd();
    scratch = scratchDirectory('vca-apply');
  });
  after(async () => {
    await libvirtd?.stop();
    await scratch?.remove();
  });

  /** Defines a domain, twice: what libvirt makes of a definition of its own it keeps from then on. */
  async function define(
    name: string,
    part: { extra?: string; devices?: string; clock?: string } = {},
  ): Promise<void> {
    await libvirtd.define(tinyDomainXml({ name, clock: wrong, devices: agentChannelXml, ...part }));
    await libvirtd.define(await secure(name));
  }
  // virsh ends what it prints with one line feed more.
  const secure = async (name: string) =>
    (await libvirtd.virsh('dumpxml', '--inactive', '--security-info', '--domain', name)).slice(0, -1);
  const backups = () => join(scratch.path, `backups-${++count}`);
  const args = (directory: string, ...more: string[]) => [
    'apply',
    '--connect',
    libvirtd.uri,
    '--backup-dir',
    directory,
    ...more,
  ];

  it('mends the persistent definition, keeps the passwords, and leaves a backup with them', async () => {
    await define('pass', { devices: vnc + spice + agentChannelXml });
    const before = await secure('pass');
    expect(before).to.include("passwd='geheim12'").and.include("passwd='secret34'");
    const directory = backups();
    const { report, stdout, exitCode } = await changeJson(args(directory, '--yes', 'pass'));
    const after = await secure('pass');
    expect(after).to.equal(before.replace(" track='guest'", ''));
    const [backup, ...others] = backupsIn(directory);
    expect(others).to.deep.equal([]);
    expect(backup?.xml).to.equal(before);
    const change = onlyChange(report);
    expect(change).to.deep.include({
      name: 'pass',
      outcome: 'changed',
      changed: true,
      definition: 'new',
      reason: null,
      mends: ['domain/rtc-track'],
      backup: backup?.path,
    });
    expect(report.changed).to.equal(true);
    expect(exitCode).to.equal(0);
    expect(change.diff).to.include("-    <timer name='rtc' track='guest'/>\n");
    expect(stdout).not.to.match(/geheim12|secret34/);
    expect(change.remarks.join()).to.include('full stop and start');
    const audit = await auditJson(['--connect', libvirtd.uri, '--domain', 'pass', '--no-host']);
    expect(verdicts(domainNamed(audit.report, 'pass').findings, 'domain/rtc-track')).to.deep.equal([
      'pass host',
    ]);
  });

  it('changes nothing the second time, and says so', async () => {
    await define('twice');
    const directory = backups();
    expect((await changeJson(args(directory, '-y', 'twice'))).report.changed).to.equal(true);
    const after = await secure('twice');
    const { report, exitCode } = await changeJson(args(directory, '-y', 'twice'));
    expect(report.changed).to.equal(false);
    expect(exitCode).to.equal(0);
    expect(onlyChange(report)).to.include({ outcome: 'unchanged', definition: 'old', backup: null });
    expect(await secure('twice')).to.equal(after);
    expect(backupsIn(directory)).to.have.length(1);
  });

  it('only tells with --dry-run', async () => {
    await define('dry');
    const before = await secure('dry');
    const directory = backups();
    const { report, exitCode } = await changeJson(args(directory, '--dry-run', 'dry'));
    expect(onlyChange(report)).to.include({ outcome: 'would-change', changed: true, definition: 'old' });
    expect(report).to.include({ changed: true });
    expect(exitCode).to.equal(0);
    expect(await secure('dry')).to.equal(before);
    expect(() => readdirSync(directory)).to.throw(/ENOENT/);
    const text = await runTool(args(directory, '-n', 'dry'));
    expect(text.stdout)
      .to.include("  -    <timer name='rtc' track='guest'/>")
      .and.include('would be changed');
  });

  it('does nothing without --yes where nobody can be asked', async () => {
    await define('unasked');
    const before = await secure('unasked');
    const run = await runTool(args(backups(), 'unasked'));
    expect(run).to.include({ exitCode: 3, stdout: '' });
    expect(run.stderr).to.match(/^virt-clock-audit: changing definitions takes --yes, .*\n$/);
    expect(await secure('unasked')).to.equal(before);
  });

  it('leaves what runs alone, and tells of a restart', async () => {
    await define('runs');
    await libvirtd.virsh('start', '--paused', 'runs');
    const live = await libvirtd.virsh('dumpxml', 'runs');
    const { report } = await changeJson(args(backups(), '-y', 'runs'));
    expect(onlyChange(report).outcome).to.equal('changed');
    expect(await libvirtd.virsh('dumpxml', 'runs')).to.equal(live);
    expect(await secure('runs')).not.to.include('track');
    const { report: audit } = await auditJson(['--connect', libvirtd.uri, '--domain', 'runs', '--no-host']);
    expect(verdicts(domainNamed(audit, 'runs').findings, 'domain/rtc-track')).to.deep.equal([
      'fail guest live',
      'pass host inactive',
    ]);
    await libvirtd.virsh('destroy', 'runs');
  });

  it('names a managed save image that would undo it', async () => {
    await define('saved');
    await libvirtd.virsh('start', 'saved');
    await libvirtd.virsh('managedsave', 'saved');
    const { report } = await changeJson(args(backups(), '-y', 'saved'));
    expect(onlyChange(report).outcome).to.equal('changed');
    expect(onlyChange(report).remarks.join('\n')).to.match(/managed save.*virsh -c \S+ managedsave-remove/s);
    await libvirtd.virsh('managedsave-remove', 'saved');
  });

  describe('refuses', () => {
    it('a transient domain', async () => {
      const file = join(scratch.path, 'transient.xml');
      writeFileSync(file, tinyDomainXml({ name: 'transient', clock: wrong, devices: agentChannelXml }));
      await libvirtd.virsh('create', '--paused', file);
      const { report, exitCode } = await changeJson(args(backups(), '-y', 'transient'));
      expect(onlyChange(report)).to.include({ outcome: 'refused', changed: false });
      expect(onlyChange(report).reason).to.match(/transient/);
      expect(exitCode).to.equal(2);
      await libvirtd.virsh('destroy', 'transient');
    });

    it("nova's, unless it is to be temporary", async () => {
      await define('instance-1', { extra: nova });
      const before = await secure('instance-1');
      const directory = backups();
      const refused = await changeJson(args(directory, '-y', 'instance-1'));
      expect(onlyChange(refused.report)).to.include({ outcome: 'refused', definition: 'old' });
      expect(onlyChange(refused.report).reason).to.match(/OpenStack nova.*hard reboot.*--temporary/);
      expect(refused.exitCode).to.equal(2);
      expect(await secure('instance-1')).to.equal(before);
      const { report } = await changeJson(args(directory, '-y', '--temporary', 'instance-1'));
      expect(onlyChange(report).outcome).to.equal('changed');
      expect(onlyChange(report).remarks.join()).to.match(/temporary.*hard reboot/);
    });

    it('a domain that is not there, and goes on with the others', async () => {
      await define('there');
      const { report, exitCode } = await changeJson(args(backups(), '-y', 'there', 'not-there'));
      expect(report.domains.map(({ name, outcome }) => `${name} ${outcome}`)).to.deep.equal([
        'there changed',
      ]);
      expect(report.problems.map(({ target, cause }) => `${target} ${cause}`)).to.deep.equal([
        'not-there no-such-domain',
      ]);
      expect(exitCode).to.equal(3);
    });
  });

  it('writes nothing when the backup cannot be written', async () => {
    await define('nobackup');
    const before = await secure('nobackup');
    const directory = join(scratch.path, 'in-the-way');
    writeFileSync(directory, '');
    const { report, exitCode } = await changeJson(args(directory, '-y', 'nobackup'));
    expect(onlyChange(report)).to.include({ outcome: 'failed', definition: 'old', backup: null });
    expect(onlyChange(report).reason).to.match(
      /^backups cannot be written to .*in-the-way \(.* is no directory\), so nothing was done; see --backup-dir$/,
    );
    expect(exitCode).to.equal(3);
    expect(await secure('nobackup')).to.equal(before);
  });

  it('mends only the checks that are wanted', async () => {
    await define('only', { clock: "<clock offset='localtime'><timer name='rtc' track='guest'/></clock>" });
    const { report } = await changeJson(args(backups(), '-y', '--only', 'domain/rtc-*', 'only'));
    expect(onlyChange(report).mends).to.deep.equal(['domain/rtc-track']);
    expect(await secure('only'))
      .to.include("<clock offset='localtime'>")
      .and.not.include('track');
    const wrongId = await runTool(args(backups(), '-y', '--only', 'rtc-track', 'only'));
    expect(wrongId).to.include({ exitCode: 3, stdout: '' });
    expect(wrongId.stderr).to.match(/--only rtc-track is no check of a domain/);
  });

  it('makes only the changes that were reviewed', async () => {
    await define('reviewed');
    await define('unreviewed');
    const patches = join(scratch.path, 'patches');
    const connect = ['--connect', libvirtd.uri, '--no-host'];
    await runTool(['remediate', ...connect, '--domain', 'reviewed', '--output', patches]);
    const manifest = join(patches, 'manifest.json');
    const apply = (...more: string[]) => changeJson(args(backups(), '-y', '--reviewed', manifest, ...more));
    const other = await apply('--only', 'domain/hpet', 'reviewed');
    expect(onlyChange(other.report).outcome).to.equal('unchanged');
    await libvirtd.define((await secure('reviewed')).replaceAll('65536</', '131072</'));
    const changed = await apply('reviewed');
    expect(onlyChange(changed.report)).to.include({ outcome: 'refused' });
    expect(onlyChange(changed.report).reason).to.match(/is not the one that the patch in .* was made for/);
    await libvirtd.define((await secure('reviewed')).replaceAll('131072</', '65536</'));
    const both = await apply('reviewed', 'unreviewed');
    expect(both.report.domains.map(({ name, outcome }) => `${name} ${outcome}`)).to.deep.equal([
      'reviewed changed',
      'unreviewed refused',
    ]);
    const none = await runTool(args(backups(), '-y', '--reviewed', '/dev/null', 'reviewed'));
    expect(none).to.include({ exitCode: 3, stdout: '' });
    expect(none.stderr).to.match(/^virt-clock-audit: \/dev\/null is not a regular file\n$/);
  });

  it('takes a patch that was edited or taken away for one that is not wanted', async () => {
    await define('second-thought');
    const before = await secure('second-thought');
    const patches = join(scratch.path, 'edited');
    const remediate = ['remediate', '--connect', libvirtd.uri, '--no-host', '--domain', 'second-thought'];
    const manifest = join(patches, 'manifest.json');
    const apply = () => changeJson(args(backups(), '-y', '--reviewed', manifest));
    await runTool([...remediate, '--output', patches]);
    const file = join(patches, 'second-thought.patch');
    writeFileSync(file, readFileSync(file, 'utf8').replace('tickpolicy', 'track'));
    appendFileSync(file, '# looks fine\n');
    const edited = await apply();
    expect(onlyChange(edited.report).reason).to.match(/second-thought\.patch was edited since/);
    rmSync(file);
    expect(onlyChange((await apply()).report).reason).to.match(/is not there: .*does not exist/);
    expect(await secure('second-thought')).to.equal(before);
    rmSync(patches, { recursive: true });
    await runTool([...remediate, '--output', patches]);
    expect(onlyChange((await apply()).report)).to.include({ name: 'second-thought', outcome: 'changed' });
  });

  it('names the waiver of what it leaves alone for it', async () => {
    await define('accepted');
    const waiver = (check: string) =>
      `waivers: [{check: ${check}, target: 'acc*', reason: until the owner moves, owner: ops, expires: 2999-12-31}]\n`;
    const changeWith = async (policy: string, ...more: string[]) => {
      const config = join(scratch.path, 'accepted.yaml');
      writeFileSync(config, policy);
      const change = ['--config', config, '-y', '--dry-run', ...more, 'accepted'];
      return onlyChange((await changeJson(args(backups(), ...change))).report);
    };
    const track = waiver('domain/rtc-track');
    const left =
      'domain/rtc-track stays as it is: it is waived until 2999-12-31 (ops: until the owner moves)';
    expect(await changeWith(track)).to.deep.include({ outcome: 'unchanged', remarks: [left] });
    for (const [policy, ...more] of [
      [waiver('domain/kvmclock')],
      [track, '--only', 'domain/kvmclock'],
      [`${track}checks: {domain/rtc-track: {severity: info}}\n`],
    ] as const) {
      const { remarks } = await changeWith(policy, ...more);
      expect(remarks.join(), policy).to.not.include('waived');
    }
  });

  it('leaves alone what takes a word: the base of a guest that nobody knows, and a new device', async () => {
    await define('unknown', {
      clock: wrong.replace("'utc'", "'variable' adjustment='7200' basis='utc'"),
      devices: '',
    });
    const before = await secure('unknown');
    const first = await changeJson(args(backups(), '-y', 'unknown'));
    expect(onlyChange(first.report).mends).to.deep.equal(['domain/rtc-track']);
    expect(await secure('unknown')).to.equal(before.replace(" track='guest'", ''));
    const remarks = onlyChange(first.report).remarks.join('\n');
    expect(remarks).to.match(
      /domain\/clock-offset stays as it is: what the guest runs is not certain .*--guest-os/,
    );
    expect(remarks).to.match(/domain\/agent-channel stays as it is: it adds a device/);
    const stated = await changeJson(args(backups(), '-y', '--guest-os', 'unknown=linux', 'unknown'));
    expect(onlyChange(stated.report).mends).to.deep.equal(['domain/clock-offset']);
    const named = await changeJson(args(backups(), '-y', '--only', 'domain/agent-channel', 'unknown'));
    expect(onlyChange(named.report).mends).to.deep.equal(['domain/agent-channel']);
    expect(await secure('unknown'))
      .to.include("<clock offset='utc'>")
      .and.include('org.qemu.guest_agent.0');
  });

  it('gives a command to undo it that a shell understands, from anywhere', async () => {
    await define('undo');
    const before = await secure('undo');
    mkdirSync(join(scratch.path, 'it'));
    const { report } = await changeJson(args("a place; it's", '-y', 'undo'), {
      cwd: join(scratch.path, 'it'),
    });
    const { undo, backup } = onlyChange(report);
    expect(backup).to.match(/^\/.*\/it\/a place; it's\/undo-/);
    const line = (undo ?? '').replace('virt-clock-audit', `'${process.execPath}' '${tool}'`);
    await runProcess('sh', ['-c', `${line} --yes`], { cwd: '/' });
    expect(await secure('undo')).to.equal(before);
  });

  it('ends, and changes nothing, where a backup directory cannot be made', async () => {
    await define('proc');
    const before = await secure('proc');
    const { report, seconds } = await changeJson(args('/proc/x/y', '-y', 'proc'));
    expect(onlyChange(report)).to.include({ outcome: 'failed', definition: 'old' });
    expect(seconds).to.be.below(20);
    expect(await secure('proc')).to.equal(before);
  });

  it('tells on standard error what it did when it cannot report', async () => {
    await define('full');
    const line = `exec '${process.execPath}' '${tool}' ${args(backups(), '-y', 'full')
      .map((word) => `'${word}'`)
      .join(' ')} > /dev/full`;
    const run = await runProcess('sh', ['-c', line]);
    expect(run.exitCode).to.equal(3);
    expect(run.stderr).to.match(/domain full: changed, backup \/.*full-/);
    const nowhere = await runTool(args(backups(), '-y', '-o', '/nowhere/report', 'full'));
    expect(nowhere.stderr).to.match(/cannot write \/nowhere\/report: .*nothing was changed/);
  });

  it('copes with any name', async () => {
    const name = '--$(touch x); \'"<b> --yes {{7*7}} ü';
    await define(name);
    const directory = backups();
    const { report } = await changeJson(args(directory, '-y', '--', name));
    expect(onlyChange(report)).to.include({ name, outcome: 'changed' });
    const [backup] = backupsIn(directory);
    expect(backup?.record.domain).to.equal(name);
    const back = await changeJson(['rollback', '-y', '--backup-dir', directory, backup?.path ?? '']);
    expect(onlyChange(back.report)).to.include({ outcome: 'changed', name });
  });

  describe('rollback', () => {
    it('puts the old definition back with its passwords, and can be taken back itself', async () => {
      await define('back', { devices: vnc + agentChannelXml });
      const before = await secure('back');
      const directory = backups();
      await changeJson(args(directory, '-y', 'back'));
      const after = await secure('back');
      const [first] = backupsIn(directory);
      const rolled = await changeJson(['rollback', '-y', '--backup-dir', directory, first?.path ?? '']);
      expect(onlyChange(rolled.report)).to.include({ outcome: 'changed', definition: 'new', name: 'back' });
      expect(rolled.stdout).not.to.include('geheim12');
      expect(await secure('back')).to.equal(before);
      const again = await changeJson(['rollback', '-y', '--backup-dir', directory, first?.path ?? '']);
      expect(onlyChange(again.report).outcome).to.equal('unchanged');
      expect(again.report.changed).to.equal(false);
      const second = backupsIn(directory).find(({ path }) => path !== first?.path);
      await changeJson(['rollback', '-y', '--backup-dir', directory, second?.path ?? '']);
      expect(await secure('back')).to.equal(after);
    });

    it('tells that it puts other passwords back, and does', async () => {
      await define('password', { devices: vnc + agentChannelXml });
      const directory = backups();
      await changeJson(args(directory, '-y', 'password'));
      const [first] = backupsIn(directory);
      const roll = ['rollback', '--backup-dir', directory];
      await changeJson([...roll, '-y', first?.path ?? '']);
      await libvirtd.define((await secure('password')).replace('geheim12', 'neu34'));
      const shown = await changeJson([...roll, '-n', '--force', first?.path ?? '']);
      expect(onlyChange(shown.report).remarks.join()).to.include('puts other passwords of VNC or SPICE back');
      expect(shown.stdout).not.to.match(/geheim12|neu34/);
      await changeJson([...roll, '-y', '--force', first?.path ?? '']);
      expect(await secure('password')).to.include("passwd='geheim12'");
    });

    it('does not make a transient domain persistent', async () => {
      await define('fleeting');
      const directory = backups();
      await changeJson(args(directory, '-y', 'fleeting'));
      await libvirtd.virsh('start', '--paused', 'fleeting');
      await libvirtd.virsh('undefine', 'fleeting');
      const [backup] = backupsIn(directory);
      const { report } = await changeJson(['rollback', '-y', '--force', backup?.path ?? '']);
      expect(onlyChange(report).outcome).to.equal('refused');
      expect(onlyChange(report).reason).to.match(/has no persistent definition any more/);
      expect((await libvirtd.virsh('list', '--transient', '--name')).split('\n')).to.include('fleeting');
      await libvirtd.virsh('destroy', 'fleeting');
    });

    it('names a managed save image that would undo it', async () => {
      await define('kept');
      const directory = backups();
      await changeJson(args(directory, '-y', 'kept'));
      await libvirtd.virsh('start', 'kept');
      await libvirtd.virsh('managedsave', 'kept');
      const [backup] = backupsIn(directory);
      const { report } = await changeJson(['rollback', '-y', '--force', backup?.path ?? '']);
      expect(onlyChange(report).remarks.join()).to.match(
        /virsh -c \S+ managedsave-remove [\da-f-]{36} discards it/,
      );
      await libvirtd.virsh('managedsave-remove', 'kept');
    });

    it('does not undo what somebody did since, unless forced', async () => {
      await define('edited');
      const before = await secure('edited');
      const directory = backups();
      await changeJson(args(directory, '-y', 'edited'));
      await libvirtd.define((await secure('edited')).replace('>65536</memory>', '>131072</memory>'));
      const edited = await secure('edited');
      const [backup] = backupsIn(directory);
      const refused = await changeJson(['rollback', '-y', backup?.path ?? '']);
      expect(onlyChange(refused.report)).to.include({ outcome: 'refused', definition: 'old' });
      expect(onlyChange(refused.report).reason).to.match(/changed after the run that made the backup/);
      expect(refused.exitCode).to.equal(2);
      expect(await secure('edited')).to.equal(edited);
      const shown = await changeJson(['rollback', '-n', '--force', backup?.path ?? '']);
      expect(onlyChange(shown.report).diff).to.include('131072');
      expect(await secure('edited')).to.equal(edited);
      await changeJson(['rollback', '-y', '--force', '--backup-dir', directory, backup?.path ?? '']);
      expect(await secure('edited')).to.equal(before);
    });

    it('says what is wrong with a file that is no backup', async () => {
      const file = join(scratch.path, 'no-backup.xml');
      writeFileSync(file, '<domain/>');
      const run = await runTool(['rollback', '-y', file]);
      expect(run).to.include({ exitCode: 3, stdout: '' });
      expect(run.stderr).to.match(/^virt-clock-audit: .*no-backup\.xml is no backup that apply made; .*\n$/);
    });

    it('tells that the domain is gone', async () => {
      await define('gone');
      const directory = backups();
      await changeJson(args(directory, '-y', 'gone'));
      await libvirtd.virsh('undefine', 'gone');
      const [backup] = backupsIn(directory);
      const { report, exitCode } = await changeJson(['rollback', '-y', backup?.path ?? '']);
      expect(onlyChange(report)).to.include({ outcome: 'refused' });
      expect(onlyChange(report).reason).to.match(/no domain with matching uuid/i);
      expect(exitCode).to.equal(2);
    });

    it('is a definition that virsh takes as well', async () => {
      await define('byhand', { devices: vnc + agentChannelXml });
      const before = await secure('byhand');
      const directory = backups();
      await changeJson(args(directory, '-y', 'byhand'));
      const copy = join(scratch.path, 'copy.xml');
      writeFileSync(copy, readFileSync(backupsIn(directory)[0]?.path ?? ''));
      await libvirtd.virsh('define', copy);
      expect(await secure('byhand')).to.equal(before);
    });
  });

  it('keeps backups from all others', async () => {
    await define('private');
    const directory = join(scratch.path, 'open');
    mkdirSync(directory, { mode: 0o755 });
    await changeJson(args(directory, '-y', 'private'));
    for (const name of readdirSync(directory)) {
      expect(statSync(join(directory, name)).mode & 0o077, name).to.equal(0);
    }
  });
});
