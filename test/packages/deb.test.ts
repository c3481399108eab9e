import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { expect } from 'chai';
import { requireCommand, requireFact } from '../support/requirement.js';
import { runProcess } from '../support/runTool.js';
import { scratchDirectory } from '../support/scratch.js';
import { brokenLinks } from './brokenLinks.js';
import { laterVersion, nodePackage, packageDeb, succeeded } from './debianPackages.js';
import { type ScratchRoot, scratchRoot } from './scratchRoot.js';

const STATE = '/var/lib/virt-clock-audit';
const METRICS = '/var/lib/prometheus/node-exporter';
const WANTED = '/etc/systemd/system/timers.target.wants/virt-clock-audit.timer';
/** Everything that the package or its scripts may have left. */
const LEFT = `find /etc /usr /lib /var -xdev -path '*virt-clock-audit*' -not -path '/var/cache/*'`;

describe('the Debian package', function () {
  this.timeout(120_000);
  const scratch = scratchDirectory('vca-deb');
  let deb: string;
  let root: ScratchRoot;

  before(async function () {
    requireCommand(this, 'dpkg-deb', 'dpkg', 'lintian', 'unshare', 'nsenter');
    requireFact(this, process.getuid?.() === 0, 'packages are installed as root');
    deb = await packageDeb(scratch.path);
    const made = await scratchRoot(scratch.path);
    requireFact(this, made !== null, 'root may not mount overlays here');
    root = made as ScratchRoot;
    // What this machine has of its own.
    succeeded(await root.run('rm', '-rf', STATE, METRICS, '/etc/virt-clock-audit.yaml'));
    const installed = (await root.run('dpkg-query', '-s', 'nodejs')).stdout;
    if (Number(/^Version: (\d+)/m.exec(installed)?.[1] ?? 0) >= 20) return;
    const node = await nodePackage(scratch.path);
    succeeded(await root.run('dpkg', '-i', `/packages/${basename(node)}`));
  });

  after(async () => {
    await root?.remove();
    await scratch.remove();
  });

  it('satisfies lintian, warnings included', async () => {
    const { exitCode, stdout } = await runProcess('lintian', ['--fail-on', 'error,warning', deb]);
    expect(stdout).to.equal('');
    expect(exitCode).to.equal(0);
  });

  it('is the same byte by byte when it is made again', async () => {
    const again = await packageDeb(`${scratch.path}/again`);
    expect(readFileSync(again).equals(readFileSync(deb))).to.equal(true);
  });

  it('recommends chrony, but no second daemon to a machine that has another one', async () => {
    // All of Debian's time daemons provide that, and conflict with it.
    const { stdout } = await runProcess('dpkg-deb', ['--field', deb, 'Recommends']);
    expect(stdout.trim().split(', ')).to.have.members(['chrony | time-daemon', 'libvirt0']);
  });

  it('has documents whose links hold, the Ansible collection, and a directory for findings that is closed', async () => {
    const tree = `${scratch.path}/unpacked`;
    succeeded(await runProcess('dpkg-deb', ['-x', deb, tree]));
    const { documents, broken } = brokenLinks(tree);
    expect(broken).to.deep.equal([]);
    expect(documents).to.be.above(20);
    expect(statSync(`${tree}${STATE}`).mode & 0o777).to.equal(0o700);
    const role = `${tree}/usr/share/doc/virt-clock-audit/examples/ansible/roles/virt_clock_audit`;
    expect(readFileSync(`${role}/files/virt-clock-audit.timer`, 'utf8')).to.contain('[Timer]');
    expect(statSync(`${role}/tasks/main.yml`).isFile()).to.equal(true);
  });

  it('refuses kinds of machines that it has no native part for', async () => {
    let problem: unknown = null;
    await packageDeb(scratch.path, '--arch', 's390x').catch((error) => {
      problem = error.message;
    });
    expect(problem).to.match(/there is no s390x package; --arch is one of amd64,arm64/);
  });

  it('installs, starts nothing, and enables its timer', async () => {
    succeeded(await root.run('dpkg', '-i', `/packages/${basename(deb)}`));
    expect((await root.run('readlink', WANTED)).stdout.trim()).to.equal(
      '/lib/systemd/system/virt-clock-audit.timer',
    );
    const modes = await root.run('stat', '-c', '%a %U', STATE, METRICS, '/etc/virt-clock-audit.yaml');
    expect(modes.stdout).to.equal('700 root\n755 root\n644 root\n');
    expect((await root.run('find', STATE, METRICS, '-type', 'f')).stdout).to.equal('');
  });

  it('runs from /usr/bin, asks libvirt through its own koffi, and has a valid configuration', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect((await root.run('virt-clock-audit', '--version')).stdout).to.equal(`${version}\n`);
    const audit = await root.run('virt-clock-audit', '-c', 'test:///default', '--format', 'json');
    const report = JSON.parse(audit.stdout);
    expect(report.domains.map(({ name }: { name: string }) => name)).to.deep.equal(['test']);
    expect(audit.exitCode).to.equal(report.summary.exitCode);
    const config = await root.run('virt-clock-audit', 'config');
    expect(config.stdout).to.equal('ok, read /etc/virt-clock-audit.yaml; profile default\n');
  });

  it('brings a man page and completions where man and the shells look for them', async () => {
    const places = [
      '/usr/share/man/man1/virt-clock-audit.1.gz',
      '/usr/share/bash-completion/completions/virt-clock-audit',
      '/usr/share/zsh/vendor-completions/_virt-clock-audit',
      '/usr/share/fish/vendor_completions.d/virt-clock-audit.fish',
    ];
    for (const place of places) expect((await root.run('test', '-s', place)).exitCode, place).to.equal(0);
    const licences = await root.shell('cat /usr/share/doc/virt-clock-audit/copyright');
    for (const name of ['koffi', 'saxes', 'commander', 'fast-xml-parser', 'p-limit']) {
      expect(licences.stdout).to.match(new RegExp(`^Files: node_modules/${name}/\\*`, 'm'));
    }
  });

  it('keeps a changed configuration and a disabled timer when it is upgraded', async () => {
    succeeded(await root.shell(`echo 'profile: strict' >> /etc/virt-clock-audit.yaml`));
    succeeded(await root.run('systemctl', 'disable', 'virt-clock-audit.timer'));
    const later = await laterVersion(deb, '99.0', scratch.path);
    succeeded(await root.run('dpkg', '--force-confold', '-i', `/packages/${basename(later)}`));
    const config = await root.run('virt-clock-audit', 'config');
    expect(config.stdout).to.equal('ok, read /etc/virt-clock-audit.yaml; profile strict\n');
    expect((await root.run('test', '-e', WANTED)).exitCode).to.equal(1);
  });

  it('keeps configuration and state when it is removed, but no metrics that grow old', async () => {
    const files = `${STATE}/report.json ${STATE}/state.json ${STATE}/backups/web1.xml ${METRICS}/virt-clock-audit.prom`;
    succeeded(await root.shell(`mkdir ${STATE}/backups && touch ${files} ${METRICS}/other.prom`));
    succeeded(await root.run('dpkg', '--remove', 'virt-clock-audit'));
    const left = (await root.run('find', STATE, METRICS, '/etc/virt-clock-audit.yaml', '-type', 'f')).stdout;
    expect(left.trim().split('\n').sort()).to.deep.equal([
      '/etc/virt-clock-audit.yaml',
      `${METRICS}/other.prom`,
      `${STATE}/backups/web1.xml`,
      `${STATE}/report.json`,
      `${STATE}/state.json`,
    ]);
    expect((await root.run('test', '-e', '/usr/lib/virt-clock-audit')).exitCode).to.equal(1);
  });

  it('leaves nothing when it is purged but the definitions that apply replaced', async () => {
    const purge = succeeded(await root.run('dpkg', '--purge', 'virt-clock-audit'));
    expect(purge.stderr).to.match(/kept \/var\/lib\/virt-clock-audit\/backups/);
    expect((await root.shell(LEFT)).stdout).to.equal(
      `${STATE}\n${STATE}/backups\n${STATE}/backups/web1.xml\n`,
    );
  });

  it('leaves nothing at all when there are none', async () => {
    succeeded(await root.run('rm', `${STATE}/backups/web1.xml`));
    succeeded(await root.run('dpkg', '-i', `/packages/${basename(deb)}`));
    succeeded(await root.run('dpkg', '--purge', 'virt-clock-audit'));
    expect((await root.shell(LEFT)).stdout).to.equal('');
  });

  it('closes the directory for findings also where it was removed before, and keeps what an override says', async () => {
    const mode = async () => (await root.run('stat', '-c', '%a', STATE)).stdout.trim();
    succeeded(await root.run('dpkg', '-i', `/packages/${basename(deb)}`));
    succeeded(await root.run('dpkg', '--remove', 'virt-clock-audit'));
    expect((await root.run('test', '-e', STATE)).exitCode).to.equal(1);
    succeeded(await root.run('dpkg', '-i', `/packages/${basename(deb)}`));
    expect(await mode()).to.equal('700');
    succeeded(await root.run('dpkg', '--purge', 'virt-clock-audit'));
    succeeded(await root.run('dpkg-statoverride', '--add', 'root', 'root', '0750', STATE));
    succeeded(await root.run('dpkg', '-i', `/packages/${basename(deb)}`));
    expect(await mode()).to.equal('750');
    succeeded(await root.run('dpkg-statoverride', '--remove', STATE));
    succeeded(await root.run('dpkg', '--purge', 'virt-clock-audit'));
  });

  const own = ['report.json', 'state.json', 'state.json.lock', '.report.json.0123.tmp', 'backups/apply.lock'];
  const fill = (place: string) =>
    root.shell(
      `mkdir ${place}/backups ${place}/lost+found && cd ${place} && touch ${own.join(' ')} theirs lost+found/x`,
    );

  it('is purged where the directory is a mount point, and leaves what others put there', async () => {
    succeeded(await root.run('mkdir', '-p', STATE));
    succeeded(await root.run('mount', '-t', 'tmpfs', 'none', STATE));
    succeeded(await root.run('dpkg', '-i', `/packages/${basename(deb)}`));
    succeeded(await fill(STATE));
    const purge = succeeded(await root.run('dpkg', '--purge', 'virt-clock-audit'));
    expect(purge.stderr).not.to.contain('rmdir');
    const left = await root.run('find', STATE, '-type', 'f');
    expect(left.stdout.trim().split('\n').sort()).to.deep.equal([`${STATE}/lost+found/x`, `${STATE}/theirs`]);
    succeeded(await root.run('umount', STATE));
    succeeded(await root.run('rmdir', STATE));
  });

  it('is purged where the directory is a link, with its files behind it', async () => {
    succeeded(await root.run('mkdir', '/srv/clocks'));
    succeeded(await root.run('ln', '-s', '/srv/clocks', STATE));
    succeeded(await root.run('dpkg', '-i', `/packages/${basename(deb)}`));
    succeeded(await fill('/srv/clocks'));
    succeeded(await root.run('dpkg', '--remove', 'virt-clock-audit'));
    succeeded(await root.run('dpkg', '-i', `/packages/${basename(deb)}`));
    expect((await root.run('readlink', STATE)).stdout).to.equal('/srv/clocks\n');
    succeeded(await root.run('dpkg', '--purge', 'virt-clock-audit'));
    const left = await root.run('find', '/srv/clocks', '-type', 'f');
    expect(left.stdout.trim().split('\n').sort()).to.deep.equal([
      '/srv/clocks/lost+found/x',
      '/srv/clocks/theirs',
    ]);
    expect((await root.shell(LEFT)).stdout).to.equal('');
  });
});
