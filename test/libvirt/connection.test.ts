import { chmodSync, linkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Problem } from '../../src/facts/facts.js';
import { auditJson, runTool } from '../support/runTool.js';
import { ordinaryUser, scratchDirectory } from '../support/scratch.js';

async function problemAt(uri: string): Promise<Problem> {
  const { report, exitCode } = await auditJson(['--connect', uri, '--no-host']);
  expect(exitCode).to.equal(3);
  expect(report.domains).to.deep.equal([]);
  expect(report.run.sources).to.deep.equal([{ kind: 'libvirt', location: uri }]);
  expect(report.problems).to.have.length(1);
  const [problem] = report.problems;
  expect(problem).to.deep.include({ target: uri, cause: 'libvirt-error' });
  return problem as Problem;
}

describe('a hypervisor that cannot be connected to', () => {
  const scratch = scratchDirectory('refused');
  const socket = join(scratch.path, 'socket');
  const uri = `qemu+unix:///session?socket=${socket}`;

  after(() => scratch.remove());

  it('is reported with code 38, the message and advice when no socket is there', async () => {
    const message = `Failed to connect socket to '${socket}': No such file or directory`;
    const { libvirtError, reason } = await problemAt(uri);
    expect(libvirtError).to.deep.equal({ code: 38, domain: 7, message });
    expect(reason).to.equal(`${message} (libvirt error 38); see that the libvirt daemon runs`);
  });

  it('is reported with code 38 when nobody listens at the socket any more', async () => {
    const left = join(scratch.path, 'left');
    // A second name keeps the socket that closing removes, as a killed daemon leaves it behind.
    const server = createServer().listen(`${left}.new`);
    await new Promise((resolve) => server.once('listening', resolve));
    linkSync(`${left}.new`, left);
    await new Promise((resolve) => server.close(resolve));
    const { libvirtError } = await problemAt(`qemu+unix:///session?socket=${left}`);
    expect(libvirtError).to.deep.equal({
      code: 38,
      domain: 7,
      message: `Failed to connect socket to '${left}': Connection refused`,
    });
  });

  it('is reported with code 38 when nobody listens at a TCP port', async () => {
    const { libvirtError } = await problemAt('qemu+tcp://127.0.0.1:1/system');
    expect(libvirtError).to.deep.include({ code: 38, domain: 7 });
    expect(libvirtError?.message).to.contain('Connection refused');
  });

  it('is told apart by what is wrong: the name of the host, the driver, the right to connect', async function () {
    const { reason: host } = await problemAt('qemu+tcp://nowhere.invalid/system');
    expect(host).to.match(/; check the name of the host in the connection URI$/);
    const { reason: driver } = await problemAt(`foo+unix:///session?socket=${socket}`);
    expect(driver).to.match(/; 'foo' is no driver of libvirt: check the connection URI$/);
    const user = ordinaryUser();
    if (user.uid === undefined) this.skip();
    const closed = join(scratch.path, 'closed');
    const server = createServer().listen(closed);
    await new Promise((resolve) => server.once('listening', resolve));
    chmodSync(closed, 0o600);
    const run = await runTool(['--no-host', '--connect', `qemu+unix:///session?socket=${closed}`], { user });
    await new Promise((resolve) => server.close(resolve));
    expect(run.stdout).to.match(
      /Permission denied \(libvirt error 38\); this user may not open it: run it as root or as a member of/,
    );
  });

  it('is reported with code 8 and advice when the URI names an unknown transport', async () => {
    const { libvirtError, reason } = await problemAt('qemu+pigeon:///system');
    expect(libvirtError).to.deep.include({ code: 8, domain: 13 });
    expect(libvirtError?.message).to.contain('transport in URL not recognised');
    expect(reason).to.match(/; check the connection URI$/);
  });

  it('is reported with code 1 when the URI is none', async () => {
    const { libvirtError } = await problemAt('no uri at all');
    expect(libvirtError).to.deep.equal({
      code: 1,
      domain: 45,
      message: 'internal error: Unable to parse URI no uri at all',
    });
  });

  it('is reported with code 27 when the test driver finds no node file, and nothing else is printed', async () => {
    const { libvirtError } = await problemAt('test:///nonexistent/node.xml');
    expect(libvirtError).to.deep.include({ code: 27, domain: 12 });
  });

  it('is one line in the text report, below the source', async () => {
    const { stdout, stderr, exitCode } = await runTool(['--connect', uri, '--no-host']);
    expect(stderr).to.equal('');
    expect(exitCode).to.equal(3);
    const lines = stdout.split('\n').filter((line) => line.includes('libvirt error'));
    expect(lines).to.have.length(1);
    expect(lines[0]).to.match(/^UNKNOWN {2}qemu\+unix:\S+: Failed to connect socket/);
    expect(stdout).to.match(/, 1 problem; exit code 3\n$/);
  });
});
