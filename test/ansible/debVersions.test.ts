import { mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect } from 'chai';
import { laterVersion, succeeded } from '../packages/debianPackages.js';
import { type DebHost, requireDebHost, startDebHost } from './debHost.js';

const UNITS = '/etc/systemd/system';
const NAME = 'virt-clock-audit';

describe('the role, with other Debian packages than the host has', function () {
  this.timeout(180_000);
  let host: DebHost;
  let version: string;

  before(async function () {
    requireDebHost(this);
    host = await startDebHost(this);
    version = succeeded(await host.root.run('dpkg-deb', '-f', packaged(host.deb), 'Version')).stdout.trim();
  });
  after(() => host?.stop());

  const packaged = (deb: string) => `/packages/${relative(host.packages, deb)}`;
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query fills it in
  const FORMAT = '${db:Status-Status} ${Version}${Conffiles}';
  const installed = async () => (await host.root.run('dpkg-query', '-W', '-f', FORMAT, NAME)).stdout;
  async function changes(deb: string, ...options: string[]): Promise<number> {
    const variable = `virt_clock_audit_package=${packaged(deb)}`;
    const tags = ['--tags', 'virt_clock_audit_install', '-e', variable];
    return (await host.play(...tags, ...options))?.changed ?? 0;
  }

  it('ends what dpkg had begun', async () => {
    expect(await changes(host.deb)).to.be.above(0);
    const whole = await installed();
    expect(whole).to.match(/^installed /);
    succeeded(await host.root.run('dpkg', '--unpack', packaged(host.deb)));
    expect(await installed()).to.match(/^unpacked /);
    expect(await changes(host.deb, '--check')).to.be.above(0);
    expect(await changes(host.deb)).to.be.above(0);
    expect(await installed()).to.equal(whole);
    expect(await changes(host.deb)).to.equal(0);
  });

  it('installs another build of the same version, and an older one', async () => {
    const first = await installed();
    for (const other of [version, '0.0.1']) {
      mkdirSync(join(host.packages, other));
      const deb = await laterVersion(host.deb, other, join(host.packages, other));
      expect(await changes(deb, '--check')).to.be.above(0);
      expect(await installed()).to.equal(first);
      expect(await changes(deb)).to.be.above(0);
      const now = await installed();
      expect(now.startsWith(`installed ${other} `), now).to.equal(true);
      expect(now).not.to.equal(first);
      expect(await changes(deb)).to.equal(0);
      if (other !== version) {
        // Whoever installs another one does not ask the role.
        succeeded(await host.root.run('dpkg', '-i', packaged(host.deb)));
        expect(await changes(deb)).to.be.above(0);
        expect(await installed()).to.include(`installed ${other} `);
      }
      expect(await changes(host.deb)).to.be.above(0);
      expect(await installed()).to.equal(first);
    }
  });

  it('installs another version of a package on hold, and leaves it on hold', async () => {
    succeeded(await host.root.run('apt-mark', 'hold', NAME));
    mkdirSync(join(host.packages, 'held'));
    expect(await changes(await laterVersion(host.deb, '99.0', join(host.packages, 'held')))).to.be.above(0);
    expect(await installed()).to.match(/^installed 99\.0 /);
    expect((await host.root.run('apt-mark', 'showhold')).stdout).to.equal(`${NAME}\n`);
    succeeded(await host.root.run('apt-mark', 'unhold', NAME));
    expect(await changes(host.deb)).to.be.above(0);
  });

  it("leaves its own units to the package's, and those of an operator as they are", async () => {
    const own = '# Written by the Ansible role virt_clock.audit.virt_clock_audit.';
    for (const step of ['play', 'remove']) {
      await host.root.shell(
        `mkdir -p ${UNITS}; cd ${UNITS}; printf '%s\\n' '${own}' '[Unit]' > ${NAME}.service; echo '[Unit]' > ${NAME}.timer`,
      );
      if (step === 'play') await host.play('--tags', 'virt_clock_audit_configure');
      else await host.playFrom('remove');
      expect((await host.root.run('test', '-e', `${UNITS}/${NAME}.service`)).exitCode, step).to.equal(1);
      expect(await host.read(`${UNITS}/${NAME}.timer`), step).to.equal('[Unit]\n');
    }
  });
});
