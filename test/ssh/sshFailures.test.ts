import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { type OverSsh, recordOverSsh, sessionBounds } from '../../src/ssh/recordOverSsh.js';
import { findSsh } from '../../src/ssh/sshCommand.js';
import { passphraseFailure, sshFailure } from '../../src/ssh/sshFailures.js';
import { freeTcpPort, type PrivateSshd, startPrivateSshd } from '../support/privateSshd.js';
import { requireCommand, requireFact, requireFetched } from '../support/requirement.js';
import { runProcess } from '../support/runTool.js';
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
    const port = await freeTcpPort();
    expectFailure(
      await connect([`Port ${port}`]),
      'ssh-refused',
      // An alias tells neither of both.
      new RegExp(
        `check that sshd runs there.*connect to host 127\\.0\\.0\\.1 port ${port}: Connection refused$`,
      ),
    );
  });

  it('is a host key that was replaced', async () => {
    const knownHosts = join(sshd.directory, 'replaced');
    const key = readFileSync(join(sshd.directory, 'identity.pub'), 'utf8');
    writeFileSync(knownHosts, `[127.0.0.1]:${sshd.port} ${key}`);
    expectFailure(
      await connect([`UserKnownHostsFile ${knownHosts}`]),
      'ssh-host-key-changed',
      `find out why, then remove the old key: ssh-keygen -R '[127.0.0.1]:${sshd.port}' -f ${knownHosts}`,
    );
    const { stdout } = await runProcess('ssh-keygen', ['-F', `[127.0.0.1]:${sshd.port}`, '-f', knownHosts]);
    expect(stdout, 'what the command would remove').to.contain(key.split(' ')[1]);
  });

  for (const strict of ['yes', 'ask']) {
    it(`is a host key that was never seen, with StrictHostKeyChecking ${strict}`, async () => {
      expectFailure(
        await connect(['UserKnownHostsFile /dev/null', `StrictHostKeyChecking ${strict}`]),
        'ssh-host-key-unknown',
        strict === 'yes'
          ? new RegExp(
              `compare and accept it: ssh -F ${sshd.directory}/\\S+ -o StrictHostKeyChecking=ask compute1$`,
            )
          : new RegExp(`compare and accept it: ssh -F ${sshd.directory}/\\S+ compute1$`),
      );
    });
  }

  /** An ssh without any key. */
  const keyless = ['IdentityAgent none', 'IdentityFile none'];

  it('is a password that it asks for', async () => {
    expectFailure(
      await connect(keyless),
      'ssh-password-wanted',
      /^it accepts none of the keys, .* the password it would ask for cannot be given here; check the user/,
    );
  });

  for (const [takes, configuration] of [
    ['keys and passwords', ['PasswordAuthentication yes']],
    ['keys alone', ['PasswordAuthentication no', 'KbdInteractiveAuthentication no']],
  ] as const) {
    it(`is the passphrase of a key that a server of ${takes} would take`, async () => {
      const server = await startPrivateSshd({ configuration: [...configuration] });
      try {
        const locked = join(server.directory, 'locked');
        await runProcess('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'secret', '-f', locked]);
        writeFileSync(join(server.directory, 'authorized_keys'), readFileSync(`${locked}.pub`));
        const lines = [`Port ${server.port}`, 'StrictHostKeyChecking no', `IdentityFile ${locked}`];
        expectFailure(
          await connect(lines),
          'ssh-passphrase-wanted',
          `the key ${locked} needs a passphrase, which cannot be given here: load it into an agent`,
        );
        // One that the server would not take is not worth an agent.
        writeFileSync(join(server.directory, 'authorized_keys'), '');
        const refused = takes === 'keys alone' ? 'ssh-permission-denied' : 'ssh-password-wanted';
        expectFailure(await connect(lines), refused, 'it accepts none of the keys');
      } finally {
        await server.stop();
      }
    });
  }

  it('is a key that others may read', async () => {
    const open = join(sshd.directory, 'open');
    writeFileSync(open, readFileSync(join(sshd.directory, 'identity')));
    chmodSync(open, 0o644);
    const changed = ['IdentityAgent none', 'PreferredAuthentications publickey', `IdentityFile ${open}`];
    const text = readFileSync(sshd.configFile, 'utf8').replace(/^IdentityFile \/.*$/m, '');
    const configFile = join(sshd.directory, 'open_config');
    writeFileSync(configFile, [...changed, text].join('\n'));
    const settings = { ssh: findSsh(process.env.PATH), script: 'exit 0\n', timeoutSeconds: 2 };
    const place = { text: 'compute1', host: 'compute1' };
    expectFailure(
      await recordOverSsh(place, { ...settings, configFile, bounds: sessionBounds(2) }),
      'ssh-password-wanted',
      `last words: Load key "${open}": bad permissions`,
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

  const call = { place: { text: 'compute1', host: 'compute1' } };

  it('is a key that changed, with a command only where a shell takes it for nothing else', () => {
    const said = (host: string, file: string) =>
      `@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\r
Offending ED25519 key in ${file}:3\r\nHost key for ${host} has changed and you have requested strict checking.\r
Host key verification failed.\r\n`;
    const reason = (host: string, file: string) => sshFailure(said(host, file), call).reason;
    expect(reason('compute7', '/root/.ssh/known_hosts')).to.match(
      /: ssh-keygen -R compute7 -f \/root\/\.ssh\/known_hosts$/,
    );
    expect(reason('[fe80::1%eth0]:22', '/home/a b/known_hosts')).to.match(
      /: ssh-keygen -R '\[fe80::1%eth0\]:22' -f '\/home\/a b\/known_hosts'$/,
    );
    for (const [host, file] of [
      ["a';reboot;'", '/k'],
      ['-f', '/k'],
      ['$(reboot)', '/k'],
      ['a', "/k';reboot;'"],
      ['a', '/k\u001b[2J'],
      ['a', '-k'],
    ] as const) {
      expect(reason(host, file)).to.match(/: ssh-keygen -R HOST -f FILE$/);
    }
  });

  it('is a key that is not known, with a command that a shell reads as it was meant', () => {
    const configFile = "/tmp/it's here";
    const { reason } = sshFailure('Host key verification failed.\r\n', { ...call, configFile });
    expect(reason).to.match(/: ssh -F '\/tmp\/it'\\''s here' compute1$/);
  });

  it('is no passphrase where another reason is told', () => {
    const accepted = 'debug1: Server accepts key: /k ED25519 SHA256:abc explicit\r\n';
    expect(passphraseFailure(accepted)?.reason).to.match(/^the key \/k needs a passphrase/);
    // As OpenSSH before 8.0 says it.
    expect(passphraseFailure('debug1: Server accepts key: pkalg rsa-sha2-512 blen 279\r\n')?.reason).to.match(
      /^the key that it accepts needs a passphrase/,
    );
    expect(passphraseFailure('Load key "/k": incorrect passphrase supplied\r\n')?.reason).to.match(
      /^the key \/k needs a passphrase/,
    );
    for (const other of [
      'Authenticated using "publickey" with partial success.',
      'Load key "/k": bad permissions',
      'sign_and_send_pubkey: signing failed for ED25519 "/k" from agent: agent refused operation',
    ]) {
      expect(passphraseFailure(`${accepted}${other}\r\n`)).to.equal(null);
    }
    expect(passphraseFailure('debug1: Offering public key: /k ED25519 SHA256:abc explicit\r\n')).to.equal(
      null,
    );
  });

  it('is told by the most telling of several lines', () => {
    const { cause, reason } = sshFailure(
      'ssh: connect to host gate port 22: No route to host\nConnection closed by UNKNOWN port 65535\n',
      call,
    );
    expect(cause).to.equal('ssh-unreachable');
    expect(reason).to.match(/last words: ssh: connect to host gate port 22: No route to host$/);
  });

  it('is repeated in no more than a line where ssh says something new', () => {
    const { cause, reason } = sshFailure(`something new\n${'x'.repeat(5000)}\n`, call);
    expect(cause).to.equal('ssh-failed');
    expect(reason.length).to.be.below(300);
  });
});
