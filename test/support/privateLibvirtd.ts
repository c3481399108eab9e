import { chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { atExit } from './atExit.js';
import { commandPath } from './commandPath.js';
import { startForeground } from './foregroundProcess.js';
import { endGuests } from './guestProcesses.js';
import { runCommand } from './runCommand.js';
import { ordinaryUser, scratchDirectory } from './scratch.js';
import { waitUntil } from './waitUntil.js';

export { tinyDomainXml } from './tinyDomain.js';

export interface PrivateLibvirtd {
  readonly uri: string;
  readonly socketPath: string;
  readonly pid: number;
  /** Runs virsh against this daemon and returns its standard output; rejects with its error text after 60 s. */
  virsh(...args: string[]): Promise<string>;
  define(xml: string): Promise<void>;
  /** Defines many domains through few virsh processes. */
  defineMany(xmls: readonly string[]): Promise<void>;
  /** SIGSTOP: from now on nothing answers, connections still open. */
  freeze(): void;
  thaw(): void;
  /** SIGKILL of the daemon; its guests go on. `stop()` still has to follow. */
  kill(): Promise<void>;
  /** Ends the daemon and its guests and removes its files. */
  stop(): Promise<void>;
}

// One command line holds up to 128 KiB in one argument; a thousand definitions stay well below.
const definitionsPerCommand = 1000;

function prepareHome(directory: string): NodeJS.ProcessEnv {
  const { uid, gid } = ordinaryUser();
  const places = { HOME: 'home', XDG_RUNTIME_DIR: 'run', XDG_CONFIG_HOME: 'cfg', XDG_CACHE_HOME: 'cache' };
  const env = Object.fromEntries(
    Object.entries({ ...places, XDG_DATA_HOME: 'data' }).map(([key, name]) => [key, join(directory, name)]),
  );
  const qemuCache = join(directory, 'cache', 'libvirt', 'qemu');
  const config = join(directory, 'cfg', 'libvirt');
  const made = [...Object.values(env), config, dirname(qemuCache), qemuCache];
  for (const path of made) {
    mkdirSync(path, { mode: 0o700 });
    if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
  }
  writeFileSync(join(directory, 'libvirtd.conf'), 'auth_unix_rw = "none"\nauth_unix_ro = "none"\n');
  // Otherwise the daemon starts a virtlogd of its own, which would stay behind.
  writeFileSync(join(config, 'qemu.conf'), 'stdio_handler = "file"\n');
  symlinkSync(sharedCapabilities(), join(qemuCache, 'capabilities'));
  return env;
}

/** A search path on which only these programs are. */
function pathWith(directory: string, programs: readonly string[]): string {
  const bin = join(directory, 'bin');
  mkdirSync(bin);
  for (const program of programs) {
    const found = commandPath(program);
    if (found) symlinkSync(found, join(bin, program));
  }
  return bin;
}

let capabilities: string | null = null;

/** What libvirt finds out about each QEMU takes it seconds; the daemons of one test process need it only once. */
function sharedCapabilities(): string {
  if (capabilities !== null) return capabilities;
  const { uid, gid } = ordinaryUser();
  capabilities = scratchDirectory('lv-cache').path;
  if (uid !== undefined && gid !== undefined) chownSync(capabilities, uid, gid);
  return capabilities;
}

export interface LibvirtdOptions {
  /**
   * The only QEMUs that it finds, as `qemu-system-x86_64`; all that are installed by default. A client that asks for
   * the capabilities of the hypervisor has to wait until each of them has been tried, a second or two for each.
   */
  emulators?: readonly string[];
}

/**
 * Starts a libvirtd that belongs to the test: an ordinary user's, with its own sockets and configuration, that may
 * be stopped and killed. It answers when the promise resolves; the first definition probes QEMU (about two seconds).
 */
export async function startPrivateLibvirtd({ emulators }: LibvirtdOptions = {}): Promise<PrivateLibvirtd> {
  const scratch = scratchDirectory('lv');
  const directory = scratch.path;
  const env = prepareHome(directory);
  const withdraw = atExit(() => endGuests(directory));
  const log = join(directory, 'libvirtd.log');
  const config = ['-f', join(directory, 'libvirtd.conf')];
  const path = emulators && pathWith(directory, emulators);
  const daemon = await startForeground('libvirtd', config, log, {
    ...ordinaryUser(),
    env: { ...env, ...(path && { PATH: path }) },
  });
  const socketPath = join(directory, 'run', 'libvirt', 'libvirt-sock');
  const uri = `qemu+unix:///session?socket=${socketPath}`;
  let files = 0;

  const virsh = (...args: string[]) => runCommand('virsh', ['-c', uri, ...args], { cwd: directory });

  async function defineMany(xmls: readonly string[]): Promise<void> {
    for (let start = 0; start < xmls.length; start += definitionsPerCommand) {
      const batch = xmls.slice(start, start + definitionsPerCommand);
      const names = batch.map(() => `${++files}.xml`);
      await Promise.all(batch.map((xml, i) => writeFile(join(directory, names[i] ?? ''), xml)));
      await virsh(names.map((name) => `define ${name}`).join(';'));
      await Promise.all(names.map((name) => rm(join(directory, name))));
    }
  }

  async function stop(): Promise<void> {
    await daemon.stop();
    endGuests(directory);
    withdraw();
    await scratch.remove();
  }

  try {
    const worthWaiting = () => daemon.running;
    await waitUntil('an answer of the private libvirtd', () => virsh('uri'), { worthWaiting });
  } catch (error) {
    const text = daemon.log();
    await stop();
    throw new Error(`${error instanceof Error ? error.message : error}\n${text}`, { cause: error });
  }

  return {
    uri,
    socketPath,
    pid: daemon.pid,
    virsh,
    define: (xml) => defineMany([xml]),
    defineMany,
    freeze: () => daemon.signal('SIGSTOP'),
    thaw: () => daemon.signal('SIGCONT'),
    kill: () => daemon.kill(),
    stop,
  };
}
