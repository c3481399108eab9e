import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { collectorScript } from '../../src/recording/collectorScript.js';
import type { Recording } from '../../src/recording/recording.js';
import { type OverSsh, type RecordingSettings, recordOverSsh } from '../../src/ssh/recordOverSsh.js';
import { findSsh } from '../../src/ssh/sshCommand.js';
import { commandPath } from '../support/commandPath.js';
import { type PrivateSshd, type SshdOptions, startPrivateSshd } from '../support/privateSshd.js';
import { requireCommand, requireFact, requireFetched } from '../support/requirement.js';
import { processesNaming } from '../support/runningProcesses.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';
import { missingProgram } from '../support/unpackedPrograms.js';

const bounds = { mostBytes: 64 * 1024 * 1024, wholeSeconds: 40, silentSeconds: 30 };
/** Quick, for there is no libvirt at this address. */
const script = collectorScript({ connect: 'test:///nonexistent', timeout: 5 });

describe('recording a host over a real sshd', () => {
  let sshd: PrivateSshd | null = null;
  let commands: ScratchDirectory;
  after(() => commands?.remove());
  before(function () {
    commands = scratchDirectory('commands');
    requireCommand(this, 'ssh', 'ssh-keygen', 'unshare');
    requireFetched(this, missingProgram('sshd'));
    requireFact(this, process.getuid?.() === 0, 'only root can start an sshd of its own users');
  });
  afterEach(async () => {
    await sshd?.stop();
    sshd = null;
  });

  async function record(
    server: SshdOptions & { readonly prepare?: (home: string) => void } = {},
    settings: Partial<RecordingSettings> & { readonly user?: string } = {},
  ): Promise<OverSsh> {
    sshd = await startPrivateSshd(server);
    server.prepare?.(sshd.home);
    const { user = 'root', ...rest } = settings;
    const text = `${user}@compute1`;
    const result = await recordOverSsh(
      { text, host: 'compute1' },
      {
        ...{ ssh: findSsh(process.env.PATH), script, timeoutSeconds: 5, bounds, configFile: sshd.configFile },
        ...rest,
      },
    );
    expect(processesNaming(sshd.configFile), 'ssh that was left behind').to.deep.equal([]);
    return result;
  }

  function recordingOf(result: OverSsh): Recording {
    if ('problem' in result) throw new Error(JSON.stringify(result.problem));
    return result.recording;
  }

  function expectFailure(result: OverSsh, cause: string, words: string): void {
    if ('recording' in result) throw new Error('it was recorded');
    expect(result.problem).to.deep.include({ target: 'root@compute1', cause });
    expect(result.problem.reason).to.contain(words);
  }

  function expectWhole(recording: Recording): void {
    expect(recording.problems.map(({ cause }) => cause)).not.to.include('recording-cut-off');
    expect(recording.entries.get('/proc/cpuinfo')?.kind).to.equal('file');
  }

  it('gives what the collector printed there', async () => {
    const recording = recordingOf(await record());
    expectWhole(recording);
    expect(recording).to.deep.include({ origin: 'root@compute1', uid: 0 });
  });

  it('gives what an ordinary user may read', async () => {
    const recording = recordingOf(await record({}, { user: 'auditor' }));
    expectWhole(recording);
    expect(recording.uid).to.equal(61_234);
  });

  for (const shell of ['bash', 'rbash', 'zsh', 'fish']) {
    it(`does not mind ${shell} as the login shell`, async function () {
      const path = commandPath(shell);
      requireFact(this, path !== undefined, `${shell} is not installed`);
      expectWhole(recordingOf(await record({ shell: path ?? '' })));
    });
  }

  it('does not mind a login shell that greets', async () => {
    const prepare = (home: string) =>
      writeFileSync(join(home, '.bashrc'), 'echo Welcome to compute1; echo all is logged >&2\n');
    const banner = { configuration: ['Banner /etc/passwd'] };
    expectWhole(recordingOf(await record({ shell: '/bin/bash', prepare, ...banner })));
  });

  it('tells that nobody may log in', async () => {
    const result = await record({ shell: '/usr/sbin/nologin' });
    expectFailure(result, 'ssh-no-recording', 'last words: This account is currently not available.');
  });

  it('tells that a forced command runs instead', async () => {
    const result = await record({ configuration: ['ForceCommand echo backups only'] });
    expectFailure(result, 'ssh-no-recording', 'last words: backups only');
  });

  it('tells that nothing came', async () => {
    const result = await record({ configuration: ['ForceCommand exit 7'] });
    expectFailure(result, 'ssh-no-recording', '(exit code 7)');
  });

  for (const shell of ['sh', 'bash', 'zsh', 'fish']) {
    it(`tells that ${shell} finds no sh and no sudo`, async function () {
      const path = commandPath(shell);
      requireFact(this, path !== undefined, `${shell} is not installed`);
      const server = { shell: path ?? '', environment: { PATH: '/nonexistent' } };
      expectFailure(await record(server), 'ssh-no-shell', 'its login shell cannot run sh');
      await sshd?.stop();
      expectFailure(await record(server, { sudo: true }), 'ssh-no-sudo', 'log in as root');
    });
  }

  it('tells that sudo wants a password', async () => {
    const words = 'sudo: a password is required';
    const result = await record(withSudo(`echo '${words}' >&2; exit 1`), { sudo: true });
    expectFailure(result, 'ssh-sudo-refused', 'allow that with NOPASSWD');
  });

  it('records through sudo', async () => {
    const result = await record(withSudo('[ "$1" = -n ] && shift && exec "$@"'), { sudo: true });
    expectWhole(recordingOf(result));
  });

  it('stops a host that floods', async () => {
    const floods = { script: 'yes\n', bounds: { ...bounds, mostBytes: 1024 * 1024 } };
    expectFailure(await record({}, floods), 'ssh-flooded', 'more than 1 MiB');
  });

  it('is not confused by a host that floods standard error', async () => {
    const result = await record({}, { script: 'yes | head -c 30000000 >&2; echo done >&2; exit 1\n' });
    expectFailure(result, 'ssh-no-recording', 'last words: done');
  });

  it('gives a host up that hangs', async () => {
    const hangs = { script: 'sleep 20\n', bounds: { ...bounds, silentSeconds: 1 } };
    expectFailure(await record({}, hangs), 'ssh-silent', 'it sent nothing for 1 s');
  });

  it('gives a host up that never comes to an end', async () => {
    const script = 'for i in 1 2 3 4 5 6 7 8 9; do echo $i; sleep 1; done\n';
    const slow = { script, bounds: { ...bounds, wholeSeconds: 2 } };
    expectFailure(await record({}, slow), 'ssh-too-long', 'not done after 2 s');
  });

  it('keeps what came before a host hung, and tells both', async () => {
    const cut = script.replace(/^main .*$/m, 'main </dev/null | head -c 9000\nsleep 20');
    const recording = recordingOf(await record({}, { script: cut, bounds: { ...bounds, silentSeconds: 5 } }));
    const causes = recording.problems.map(({ cause }) => cause);
    expect(causes).to.include.members(['recording-cut-off', 'ssh-silent']);
  });

  it('tells that the connection was lost in the middle', async () => {
    // It is given the time to pass on what was printed.
    const killed = `main </dev/null | head -c 9000
pid=$$
while [ "$(cat /proc/$pid/comm)" != sshd ]; do pid=$(sed -n 's/^PPid:.//p' /proc/$pid/status); done
sleep 1
kill -9 $pid`;
    const recording = recordingOf(await record({}, { script: script.replace(/^main .*$/m, () => killed) }));
    const causes = recording.problems.map(({ cause }) => cause);
    expect(causes).to.include.members(['recording-cut-off', 'ssh-connection-lost']);
  });

  it('notices that the other side is silent on a connection that stands', async () => {
    const stopped = `main </dev/null | head -c 9000
pid=$$
while [ "$(cat /proc/$pid/comm)" != sshd ]; do pid=$(sed -n 's/^PPid:.//p' /proc/$pid/status); done
sleep 1
(sleep 9; kill -9 $pid) </dev/null >/dev/null 2>&1 &
kill -STOP $pid`;
    const settings = { script: script.replace(/^main .*$/m, () => stopped), timeoutSeconds: 1 };
    const recording = recordingOf(await record({}, settings));
    const causes = recording.problems.map(({ cause }) => cause);
    expect(causes).to.include.members(['recording-cut-off', 'ssh-timed-out']);
  });

  it('reads what the collector prints as a forced command', async () => {
    const path = join(commands.path, 'collect.sh');
    writeFileSync(path, script);
    const server = { configuration: [`ForceCommand sh ${path}`] };
    expectWhole(recordingOf(await record(server, { script: 'exit 1\n' })));
  });

  it('tells that the recording is of another version', async () => {
    const other = "echo 'virt-clock-audit-recording 99 base64 0123456789abcdef'; echo @end 0\n";
    const result = await record({}, { script: other });
    expectFailure(result, 'ssh-recording-unreadable', 'a recording of version 99');
  });

  it('is whole however the connection ended', async () => {
    expectWhole(recordingOf(await record({}, { script: `${script}\nexit 255\n` })));
  });

  it('does not forward, and does not become a master', async () => {
    const probe = { script: 'echo "agent:$SSH_AUTH_SOCK display:$DISPLAY" >&2; exit 1\n' };
    process.env.SSH_AUTH_SOCK ??= '/nonexistent';
    const result = await record({}, probe);
    expectFailure(result, 'ssh-no-recording', 'last words: agent: display:');
    expect(existsSync(join(sshd?.home ?? '', '.ssh'))).to.equal(false);
  });

  /** A sudo of the test's own, before all other commands there. */
  function withSudo(program: string): SshdOptions {
    const path = join(commands.path, 'sudo');
    writeFileSync(path, `#!/bin/sh\n${program}\n`);
    chmodSync(path, 0o755);
    return { environment: { PATH: `${commands.path}:/usr/bin:/bin` } };
  }
});
