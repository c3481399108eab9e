import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { requireCommand } from '../support/requirement.js';
import { projectRoot, runProcess } from '../support/runTool.js';
import { scratchDirectory } from '../support/scratch.js';
import { brokenLinks } from './brokenLinks.js';
import { succeeded } from './debianPackages.js';

describe('the npm tarball', function () {
  this.timeout(120_000);
  const scratch = scratchDirectory('vca-npm');
  const env = { HOME: scratch.path, npm_config_cache: join(scratch.path, 'cache') };
  let tarball: string;

  before(async function () {
    requireCommand(this, 'npm', 'tar');
    // Without prepack: another test may be running what it would build anew.
    const args = ['pack', '--ignore-scripts', '--offline', '--silent', '--pack-destination', scratch.path];
    const { stdout } = succeeded(await runProcess('npm', args, { cwd: projectRoot, env }));
    tarball = join(scratch.path, stdout.trim());
  });

  after(() => scratch.remove());

  it('holds what runs and what it owes to others, and no sources', async () => {
    const { stdout } = succeeded(await runProcess('tar', ['-tzf', tarball]));
    const files = stdout.split('\n').map((path) => path.replace(/^package\//, ''));
    expect(files).to.include.members([
      'dist/cli/entry.js',
      'dist/THIRD-PARTY-NOTICES.txt',
      'collector/collect.sh',
      'schema/report.schema.json',
      'man/virt-clock-audit.1',
      'completions/virt-clock-audit.bash',
      'node_modules/koffi/LICENSE.txt',
      `node_modules/@koromix/koffi-linux-${process.arch}/linux_${process.arch}/koffi.node`,
      'LICENSE',
      'ansible/galaxy.yml',
      'ansible/roles/virt_clock_audit/files/virt-clock-audit.service',
      'ansible/roles/virt_clock_audit/files/virt-clock-audit.timer',
    ]);
    expect(
      files.filter((path) =>
        /^(src|scripts)\/|^test\/(?!fixtures\/traps\/)|^dist\/.*\.map$|^packaging\/debian/.test(path),
      ),
    ).to.deep.equal([]);
    expect(statSync(tarball).size).to.be.below(2.5e6);
  });

  it('has documents whose links hold', async () => {
    succeeded(await runProcess('tar', ['-xzf', tarball, '-C', scratch.path]));
    const { documents, broken } = brokenLinks(join(scratch.path, 'package'));
    expect(broken).to.deep.equal([]);
    expect(documents).to.be.above(20);
  });

  it('installs without a network or a cache, and asks libvirt', async () => {
    const prefix = join(scratch.path, 'prefix');
    const offline = ['--offline', '--registry', 'http://127.0.0.1:9', '--no-audit', '--no-fund'];
    const install = ['install', '--global', '--prefix', prefix, ...offline, tarball];
    succeeded(await runProcess('npm', install, { env }));
    expect(existsSync(join(prefix, 'share/man/man1/virt-clock-audit.1'))).to.equal(true);
    const tool = join(prefix, 'bin/virt-clock-audit');
    expect((await runProcess(tool, ['--version'])).stdout).to.match(/^\d+\.\d+\.\d+\n$/);
    const { stdout } = await runProcess(tool, ['-c', 'test:///default', '--no-host', '--format', 'json']);
    expect(JSON.parse(stdout).domains.map(({ name }: { name: string }) => name)).to.deep.equal(['test']);
  });
});
