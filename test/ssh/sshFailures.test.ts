import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { type OverSsh, recordOverSsh, sessionBounds } from '../../src/ssh/recordOverSsh.js';
import { findSsh } from '../../src/ssh/sshCommand.js';
import { sshFailure } from '../../src/ssh/sshFailures.js';
import { freeTcpPort, type PrivateSshd, startPrivateSshd } from '../support/privateSshd.js';
import { requireCommand, requireFact, requireFetched } from '../support/requirement.js';
import { missingProgram } from '../support/unpackedPrograms.js';

describe('what keeps ssh from a host', () => {
  let sshd: PrivateSshd;
  before(async function () {
    requireCommand(this, 'ssh', 'ssh-keygen', 'unshare');
    requireFetched(this, missingProgram('sshd'));
    requireFact(this, process.getuid?.() === 0, 'only root can start an sshd of its own users');
    sshd = await startPrivateSshd({ configuration: ['PasswordAuthentication yes'] });
  });
  after(() => sshd?.stop());

  /** What becomes of it with these lines of ssh_config before the usual ones, of which the first counts. */
  async function connect(lines: readonly string[], ssh = findSsh(process.env.PATH)): Promise<OverSsh> {
    const configFile = join(sshd.directory, 'changed_config');
    const usual = readFileSync(sshd.configFile, 'utf8');
    const changed = [...lines, usual].join('\n');
    // Of these ssh takes all, and not the first.
    const keyless = changed.includes('IdentityFile none');
    writeFileSync(configFile, keyless ? changed.replace(/^IdentityFile \/.*$/m, '') : changed);
    return await recordOverSsh(
      { text: 'compute1', host: 'compute1' },
      { ssh, script: 'exit 0\n', timeoutSeconds: 2, configFile, bounds: sessionBounds(2) },
    );
  }

  function expectFailure(result: OverSsh, cause: string, words: string | RegExp): void {
    if ('recording' in result) throw new Error('it was recorded');
    const { problem } = result;
    expect(problem.target).to.equal('compute1');
    expect([problem.cause, problem.reason]).to.satisfy(
      ([it, reason]: [string, string]) =>
        it === cause && (typeof words === 'string' ? reason.includes(words) : words.test(reason)),
      `${cause} ${words}: ${JSON.stringify(problem)}`,
    );
  }

  it('is a name that nobody knows', async () => {
    expectFailure(
      await connect(['HostName no-such-host.invalid']),
      'ssh-unknown-host',
      /^its name cannot be resolved; .*last words: ssh: Could not resolve hostname no-such-host\.invalid/,
    );
  });

  it('is a port where nothing listens', async () => {
    expectFailure(
      await connect([`Port ${await freeTcpPort()}`]),
      'ssh-refused',
      'check that sshd runs there',
    );
  });

  it('is a host key that was replaced', async () => {
    const knownHosts = join(sshd.directory, 'replaced');
    const key = readFileSync(join(sshd.directory, 'identity.pub'), 'utf8');
    writeFileSync(knownHosts, `[127.0.0.1]:${sshd.port} ${key}`);
    expectFailure(
      await connect([`UserKnownHostsFile ${knownHosts}`]),
      'ssh-host-key-changed',
      'find out why, then remove the old key with ssh-keygen -R',
    );
  });

  for (const strict of ['yes', 'ask']) {
    it(`is a host key that was never seen, with StrictHostKeyChecking ${strict}`, async () => {
      expectFailure(
        await connect(['UserKnownHostsFile /dev/null', `StrictHostKeyChecking ${strict}`]),
        'ssh-host-key-unknown',
        'its host key, or that of a jump host, is not in known_hosts',
      );
    });
  }

  /** An ssh without any key. */
  const keyless = ['IdentityAgent none', 'IdentityFile none'];

  it('is a password that it asks for', async () => {
    expectFailure(
      await connect(keyless),
      'ssh-password-wanted',
      'the password it asks for cannot be given here; use a key',
    );
  });

  it('is a server that only takes keys, and none of these', async () => {
    const strict = await startPrivateSshd({
      configuration: ['PasswordAuthentication no', 'KbdInteractiveAuthentication no'],
    });
    try {
      const failure = await connect([...keyless, `Port ${strict.port}`, 'StrictHostKeyChecking no']);
      expectFailure(failure, 'ssh-permission-denied', 'check the user, the IdentityFile');
    } finally {
      await strict.stop();
    }
  });

  it('is a configuration file that is not right', async () => {
    expectFailure(
      await connect(['NoSuchOption yes']),
      'ssh-configuration',
      'terminating, 1 bad configuration',
    );
  });

  it('is a configuration file that is not there', async () => {
    const result = await recordOverSsh(
      { text: 'compute1', host: 'compute1' },
      {
        ...{ ssh: findSsh(process.env.PATH), script: '', timeoutSeconds: 2, bounds: sessionBounds(2) },
        configFile: '/nonexistent/ssh_config',
      },
    );
    expectFailure(result, 'ssh-configuration', "Can't open user config file /nonexistent/ssh_config");
  });

  it('is a ProxyCommand that breaks off', async () => {
    expectFailure(await connect(['ProxyCommand false']), 'ssh-connection-lost', 'closed from the other side');
  });

  it('is a server that accepts and says nothing', async () => {
    const sockets: Socket[] = [];
    const server: Server = createServer((socket) => sockets.push(socket));
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        resolve(typeof address === 'object' && address ? address.port : 0);
      });
    });
    const startedAt = performance.now();
    expectFailure(await connect([`Port ${port}`]), 'ssh-timed-out', 'allow more with --timeout');
    expect(performance.now() - startedAt).to.be.below(8000);
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  it('is that there is no ssh here', async () => {
    expectFailure(await connect([], null), 'ssh-missing', 'install openssh-client');
  });

  it('is an ssh that cannot be run', async () => {
    expectFailure(await connect([], '/nonexistent/ssh'), 'ssh-broken', 'ENOENT');
  });

  it('is told by the most telling of several lines', () => {
    const { cause } = sshFailure(
      'ssh: connect to host gate port 22: No route to host\nConnection closed by UNKNOWN port 65535\n',
    );
    expect(cause).to.equal('ssh-unreachable');
  });

  it('is repeated in no more than a line where ssh says something new', () => {
    const { cause, reason } = sshFailure(`something new\n${'x'.repeat(5000)}\n`);
    expect(cause).to.equal('ssh-failed');
    expect(reason.length).to.be.below(300);
  });
});
