import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { findSsh, sshArguments, sshEnvironment } from '../../src/ssh/sshCommand.js';
import { hasSessionOptions, knowsSessionOptions } from '../../src/ssh/sshVersion.js';
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

  it('is given a session with a command and an input, beside what the configuration tells ssh to ignore', async function () {
    requireCommand(this, 'ssh');
    const configFile = join(scratch.path, 'session_config');
    writeFileSync(
      configFile,
      [
        ...['IgnoreUnknown UseKeychain', 'UseKeychain yes', 'Host compute7'],
        ...['SessionType none', 'StdinNull yes', 'ForkAfterAuthentication yes'],
      ].join('\n'),
    );
    const ssh = findSsh(process.env.PATH) ?? '';
    const sessionOptions = await knowsSessionOptions(ssh);
    expect(sessionOptions, 'the installed ssh is younger than OpenSSH 8.7').to.equal(true);
    const settings = { timeoutSeconds: 10, configFile, sessionOptions };
    const { exitCode, stdout, stderr } = await runProcess('ssh', [
      '-G',
      ...sshArguments(place, settings).slice(0, -1),
    ]);
    expect([exitCode, stderr]).to.deep.equal([0, '']);
    expect(stdout.split('\n')).to.include.members([
      ...['sessiontype default', 'stdinnull no', 'forkafterauthentication no', 'ignoreunknown UseKeychain'],
    ]);
    // An older one would end with them.
    expect(sshArguments(place, { timeoutSeconds: 10 }).join(' ')).not.to.match(/SessionType|StdinNull|Fork/);
  });

  for (const [version, knows] of [
    ['OpenSSH_9.2p1 Debian-2+deb12u3, OpenSSL 3.0.15 3 Sep 2024', true],
    ['OpenSSH_10.0p2, OpenSSL 3.5.0 8 Apr 2025', true],
    ['OpenSSH_8.7p1, OpenSSL 3.0.1 14 Dec 2021', true],
    ['OpenSSH_8.0p1, OpenSSL 1.1.1k  FIPS 25 Mar 2021', false],
    ['OpenSSH_7.4p1, OpenSSL 1.0.2k-fips  26 Jan 2017', false],
    ['Sun_SSH_1.1.5, SSH protocols 1.5/2.0', false],
    ['', false],
  ] as const) {
    it(`${knows ? 'has' : 'lacks'} the options of sessions in ${version || 'a version that is not told'}`, () => {
      expect(hasSessionOptions(version)).to.equal(knows);
    });
  }

  it('is not asked for its version where it cannot be run', async () => {
    expect(await knowsSessionOptions('/nonexistent/ssh')).to.equal(false);
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
