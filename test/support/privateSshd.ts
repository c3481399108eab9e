import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import type { ForegroundProcess } from './foregroundProcess.js';
import { startForeground } from './foregroundProcess.js';
import { runCommand } from './runCommand.js';
import { type ScratchDirectory, scratchDirectory } from './scratch.js';
import { PROGRAMS, SSHD_ENVIRONMENT } from './unpackedPrograms.js';
import { waitUntil } from './waitUntil.js';

/** What the server is to be like, besides answering. */
export interface SshdOptions {
  /** The names that the ssh_config file knows it by; `compute1`, `compute2` and `compute3` unless told. */
  readonly names?: readonly string[];
  /** The login shell of its users; `/bin/sh` unless told. */
  readonly shell?: string;
  /** Variables of each session, such as a PATH that begins with commands of the test's own. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What sessions see at some paths of this machine: by the path there, the path of what is to be there instead. */
  readonly mounts?: Readonly<Record<string, string>>;
  /** More lines of sshd_config, such as `ForceCommand /bin/false`. */
  readonly configuration?: readonly string[];
}

/** A real sshd on loopback, whose users are root and the ordinary user `auditor`. */
export interface PrivateSshd {
  readonly address: '127.0.0.1';
  readonly port: number;
  /** For files of the test; removed by stop(). */
  readonly directory: string;
  /** Root's home in its sessions. */
  readonly home: string;
  /** The private key that lets both users in. */
  readonly identityFile: string;
  /** Holds the host's key. */
  readonly knownHostsFile: string;
  /** For `ssh -F`: the names, the port, the key, and root as the user. */
  readonly configFile: string;
  /** The same for a command line without that file, and without the user. */
  readonly options: readonly string[];
  /** What sshd said so far. */
  log(): string;
  stop(): Promise<void>;
}

/** An ordinary user that no machine has. */
const AUDITOR = 61_234;

/**
 * Starts it in a mount namespace of its own, in which it has the user, the directory and the homes that it needs: nothing
 * changes on the machine. Takes root; `/run` is empty there but for what is mounted into it.
 */
export async function startPrivateSshd(options: SshdOptions = {}): Promise<PrivateSshd> {
  const scratch = scratchDirectory('sshd');
  try {
    return await start(scratch, options);
  } catch (error) {
    await scratch.remove();
    throw error;
  }
}

async function start(scratch: ScratchDirectory, options: SshdOptions): Promise<PrivateSshd> {
  const directory = scratch.path;
  const at = (name: string) => join(directory, name);
  const port = await freeTcpPort();
  for (const key of ['host_key', 'identity']) {
    await runCommand('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', at(key)]);
  }
  const [home, auditorHome] = [at('root'), at('auditor')];
  for (const path of [home, auditorHome]) mkdirSync(path);
  chownSync(auditorHome, AUDITOR, AUDITOR);
  writeFileSync(at('authorized_keys'), readFileSync(at('identity.pub')), { mode: 0o644 });
  writeFileSync(at('known_hosts'), `[127.0.0.1]:${port} ${readFileSync(at('host_key.pub'), 'utf8')}`);
  writeUsers(directory, { home, auditorHome, shell: options.shell ?? '/bin/sh' });
  const variables = Object.entries(options.environment ?? {}).map(([name, value]) => `"${name}=${value}"`);
  const server = {
    ...{ Port: port, ListenAddress: '127.0.0.1', HostKey: at('host_key'), PidFile: at('sshd.pid') },
    ...{ AuthorizedKeysFile: at('authorized_keys'), StrictModes: 'no', UsePAM: 'no', PermitRootLogin: 'yes' },
    ...{ Subsystem: `sftp ${PROGRAMS.sftpServer}`, LogLevel: 'VERBOSE', UseDNS: 'no', PrintMotd: 'no' },
    // One line has all, for the second would not count.
    ...(variables.length > 0 && { SetEnv: variables.join(' ') }),
  };
  const client = {
    ...{ HostName: '127.0.0.1', Port: port, IdentityFile: at('identity') },
    ...{ IdentitiesOnly: 'yes', UserKnownHostsFile: at('known_hosts'), GlobalKnownHostsFile: '/dev/null' },
    ...{ StrictHostKeyChecking: 'yes' },
  };
  // What is said first counts.
  writeFileSync(at('sshd_config'), [...(options.configuration ?? []), ...lines(server, ' ')].join('\n'));
  const names = options.names ?? ['compute1', 'compute2', 'compute3'];
  const host = [`Host ${names.join(' ')}`, 'User root', ...lines(client, ' ')];
  writeFileSync(at('ssh_config'), host.join('\n'));
  appendFileSync(at('sshd_config'), '\n');
  appendFileSync(at('ssh_config'), '\n');
  const daemon = await startInNamespace(directory, options.mounts ?? {});
  try {
    const worthWaiting = () => daemon.running;
    await waitUntil('sshd', () => answers(port), { worthWaiting });
  } catch (error) {
    await daemon.stop();
    throw new Error(`${(error as Error).message}: ${daemon.log()}`);
  }
  const namespace = mountNamespace(daemon.pid);
  const stop = async () => {
    await daemon.stop();
    if (namespace !== null) endAllIn(namespace);
    await scratch.remove();
  };
  return {
    ...{ address: '127.0.0.1', port, directory, home, identityFile: at('identity') },
    ...{ knownHostsFile: at('known_hosts'), configFile: at('ssh_config'), log: daemon.log, stop },
    options: lines(client, '=').flatMap((line) => ['-o', line]),
  };
}

function startInNamespace(
  directory: string,
  mounts: Readonly<Record<string, string>>,
): Promise<ForegroundProcess> {
  const at = (name: string) => join(directory, name);
  const bound = { ...mounts, '/etc/passwd': at('passwd'), '/etc/shadow': at('shadow') };
  // A mount point that is missing can only be made in /run, which is a file system of its own by then.
  const program = `set -e
sshd=$1 configuration=$2
shift 2
mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/sshd
while [ $# -gt 0 ]; do
  if [ -d "$2" ]; then case $1 in /run/*) mkdir -p "$1" ;; esac; fi
  mount --bind "$2" "$1"
  shift 2
done
exec "$sshd" -D -e -f "$configuration"`;
  const pairs = Object.entries(bound).flat();
  const args = ['--mount', 'sh', '-c', program, 'sh', PROGRAMS.sshd, at('sshd_config'), ...pairs];
  return startForeground('unshare', args, at('sshd.log'), { env: SSHD_ENVIRONMENT });
}

function writeUsers(directory: string, users: { home: string; auditorHome: string; shell: string }): void {
  const others = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !/^(root|sshd|auditor):/.test(line));
  const own = [
    `root:x:0:0:root:${users.home}:${users.shell}`,
    'sshd:x:61233:65534::/run/sshd:/usr/sbin/nologin',
    `auditor:x:${AUDITOR}:${AUDITOR}::${users.auditorHome}:${users.shell}`,
  ];
  writeFileSync(join(directory, 'passwd'), `${[...own, ...others].join('\n')}\n`);
  const shadow = join(directory, 'shadow');
  // A password that nothing matches, and not the mark of a locked account.
  writeFileSync(shadow, 'root:*:19000:0:99999:7:::\nauditor:*:19000:0:99999:7:::\n');
  chmodSync(shadow, 0o600);
}

function lines(settings: Readonly<Record<string, string | number>>, between: string): string[] {
  return Object.entries(settings).map(([name, value]) => `${name}${between}${value}`);
}

/** A TCP port of the loopback address on which nobody listens at the moment. */
export async function freeTcpPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Whether a server greets there. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('data', () => {
      resolve(true);
      socket.destroy();
    });
  });
}

/** Ends what sessions left behind: a command that hangs, or a connection that the client keeps. */
function endAllIn(namespace: string): void {
  if (namespace === mountNamespace(process.pid)) throw new Error('sshd was not in a namespace of its own');
  for (const name of readdirSync('/proc').filter((it) => /^\d+$/.test(it))) {
    if (mountNamespace(Number(name)) !== namespace) continue;
    try {
      process.kill(Number(name), 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
}

/** What tells a mount namespace from others (mount_namespaces(7)); null for a process that has ended. */
function mountNamespace(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`);
  } catch {
    return null;
  }
}
