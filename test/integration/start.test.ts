import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { requireCommand } from '../support/requirement.js';
import { CommandError, runCommand } from '../support/runCommand.js';

const root = join(import.meta.dirname, '..', '..');
/** A URI where no daemon answers, whatever runs on this machine. */
const nobody = { LIBVIRT_DEFAULT_URI: 'qemu+unix:///system?socket=/nonexistent/libvirt-sock-ro' };

async function start(...args: string[]): Promise<string> {
  const words = Object.entries(nobody).map(([name, value]) => `${name}=${value}`);
  return runCommand('env', [...words, process.execPath, join(root, 'scripts', 'start.mjs'), ...args], {
    cwd: root,
  });
}

describe('npm start without a libvirt daemon', () => {
  before(function () {
    requireCommand(this, 'libvirtd');
  });

  it("audits the sample through libvirt's test driver, succeeds, and leaves nothing behind", async () => {
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('virt-clock-audit-'));
    const output = await start();
    expect(output).to.match(/\| test:\/\/\/.*node\.xml \(libvirt/);
    expect(output).to.match(/FAIL {5}domain\/kvmclock/);
    expect(output).to.match(/\n18 domains; findings: .*; exit code [23]\n/);
    const after = readdirSync(tmpdir()).filter((name) => name.startsWith('virt-clock-audit-'));
    expect(after).to.deep.equal(before);
  });

  it('passes arguments through', async () => {
    expect(await start('--help')).to.match(/^Usage: virt-clock-audit/);
    expect(await start('checks')).to.include('domain/rtc-track');
    expect(await start('--no-host', '--domain', 'batch-node')).to.match(/\n1 domain; findings: 1 fail/);
    expect(JSON.parse(await start('--no-host', '--format', 'json')).domains).to.have.length(18);
  });

  it('fails when no audit ran', async () => {
    const error = await start('--frobnicate').then(
      () => null,
      (it) => it,
    );
    expect(error).to.be.instanceOf(CommandError);
    expect(error.exitCode).to.equal(3);
  });
});
