import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { findSsh, sshArguments, sshEnvironment } from '../../src/ssh/sshCommand.js';
import { commandPath } from '../support/commandPath.js';
import { requireCommand } from '../support/requirement.js';
import { runProcess } from '../support/runTool.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';

const place = { text: 'compute7', host: 'compute7' };

describe('the command line of ssh', () => {
  let scratch: ScratchDirectory;
  before(() => {
    scratch = scratchDirectory('ssh');
  });
  after(() => scratch.remove());

  it('ends its options before the host, and runs nothing but sh there', () => {
    const args = sshArguments(place, { timeoutSeconds: 10 });
    expect(args.slice(-3)).to.deep.equal(['--', 'compute7', 'sh -s']);
    expect(args).not.to.include('-F');
    expect(sshArguments(place, { timeoutSeconds: 10, sudo: true }).at(-1)).to.equal('sudo -n sh -s');
  });

  it('is what the installed ssh understands, before a configuration that forwards and asks', async function () {
    requireCommand(this, 'ssh');
    const configFile = join(scratch.path, 'ssh_config');
    writeFileSync(
      configFile,
      [
        ...['Host compute7', 'HostName 192.0.2.7', 'User operator', 'Port 2222', 'ProxyJump gate'],
        ...['ForwardAgent yes', 'ForwardX11 yes', 'LocalForward 9999 localhost:22', 'BatchMode no'],
        ...['RemoteCommand tmux attach', 'RequestTTY yes', 'ControlMaster auto', 'ControlPersist 10m'],
        ...['PermitLocalCommand yes', 'LocalCommand touch /tmp/x', 'LogLevel QUIET', 'ConnectTimeout 600'],
      ].join('\n'),
    );
    // -G prints what all of it comes to, and connects to nothing.
    const args = ['-G', ...sshArguments(place, { timeoutSeconds: 2.5, configFile }).slice(0, -1)];
    const { exitCode, stdout, stderr } = await runProcess('ssh', args);
    expect([exitCode, stderr]).to.deep.equal([0, '']);
    const lines = stdout.split('\n');
    expect(lines).to.include.members(['hostname 192.0.2.7', 'user operator', 'port 2222', 'proxyjump gate']);
    expect(lines).to.include.members(['batchmode yes', 'connecttimeout 3', 'serveraliveinterval 1']);
    expect(lines).to.include.members(['forwardagent no', 'forwardx11 no', 'clearallforwardings yes']);
    expect(lines).to.include.members(['requesttty false', 'controlmaster false', 'permitlocalcommand no']);
    expect(lines).to.include('loglevel INFO');
    expect(stdout).not.to.match(/tmux/);
  });

  it('gets what agents need, and nothing to ask a person by', () => {
    const environment = { SSH_AUTH_SOCK: '/a', DISPLAY: ':0', SSH_ASKPASS: '/b', LC_ALL: 'de_DE.UTF-8' };
    expect(sshEnvironment(environment)).to.deep.equal({
      ...{ SSH_AUTH_SOCK: '/a', SSH_ASKPASS_REQUIRE: 'never', LC_ALL: 'C' },
    });
  });

  it("takes the ssh of the caller's PATH", () => {
    const directory = join(scratch.path, 'bin');
    mkdirSync(directory);
    const own = join(directory, 'ssh');
    writeFileSync(own, '#!/bin/sh\n');
    expect(findSsh(`.:relative:${directory}`)).not.to.equal(own);
    chmodSync(own, 0o755);
    expect(findSsh(`.:relative:${directory}`)).to.equal(own);
  });

  it('takes the one in the usual place where PATH has none', function () {
    requireCommand(this, 'ssh');
    const found = findSsh('/nonexistent');
    expect(found).to.match(/^\/usr\/(local\/)?bin\/ssh$/);
    expect(findSsh(undefined)).to.equal(found);
    expect(commandPath('ssh')).to.be.a('string');
  });
});
