/**
 * A libvirtd of the benchmark's own: an ordinary user's daemon with its own sockets and directories. It needs no
 * KVM, no systemd and no D-Bus, and it leaves the system's daemon and its domains alone.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir, mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { novaDomainName, novaDomainXml } from './domains.mjs';
import { runToEnd } from './process.mjs';

const NOBODY = 65534;
const START_DEADLINE_MS = 30_000;
const STOP_DEADLINE_MS = 10_000;

/** Should the benchmark be killed without a chance to clean up, the daemon ends by itself after this long. */
const IDLE_EXIT_SECONDS = 300;

/**
 * @param {AbortSignal} signal gives up the start
 * @returns a running hypervisor without domains; whoever started it must call `stop`
 */
export async function startHypervisor(signal) {
  const directory = await mkdtemp(join(tmpdir(), 'virt-clock-bench-'));
  const daemon = { directory, process: null, log: join(directory, 'libvirtd.log') };
  try {
    const socket = await startLibvirtd(daemon, signal);
    const uri = `qemu+unix:///session?socket=${socket}`;
    return {
      uri,
      define: (count) => defineDomains(uri, count, directory, signal),
      stop: () => stopLibvirtd(daemon),
    };
  } catch (error) {
    await stopLibvirtd(daemon);
    throw error;
  }
}

async function startLibvirtd(daemon, signal) {
  const owner = process.getuid() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const variables = {
    HOME: 'home',
    XDG_RUNTIME_DIR: 'run',
    XDG_CONFIG_HOME: 'config',
    XDG_CACHE_HOME: 'cache',
    XDG_DATA_HOME: 'data',
  };
  const environment = { PATH: process.env.PATH };
  for (const [variable, name] of Object.entries(variables)) {
    const path = join(daemon.directory, name);
    await mkdir(path, { mode: 0o700 });
    if (owner.uid !== undefined) await chown(path, owner.uid, owner.gid);
    environment[variable] = path;
  }
  if (owner.uid !== undefined) await chown(daemon.directory, owner.uid, owner.gid);
  const configuration = join(daemon.directory, 'libvirtd.conf');
  await writeFile(configuration, 'auth_unix_rw = "none"\nlog_outputs = "3:stderr"\n');

  const log = await open(daemon.log, 'w');
  daemon.process = spawn('libvirtd', ['--config', configuration, '--timeout', String(IDLE_EXIT_SECONDS)], {
    ...owner,
    env: environment,
    stdio: ['ignore', log.fd, log.fd],
  });
  await log.close();
  let failure = null;
  daemon.process.once('error', (error) => {
    failure = error;
  });

  const socket = join(environment.XDG_RUNTIME_DIR, 'libvirt', 'libvirt-sock');
  const deadline = Date.now() + START_DEADLINE_MS;
  while (!(await isSocket(socket))) {
    if (failure !== null || hasEnded(daemon.process) || Date.now() > deadline) {
      throw new Error(`libvirtd did not start: ${failure?.message ?? (await readFile(daemon.log, 'utf8'))}`);
    }
    await sleep(50, undefined, { signal });
  }
  return socket;
}

async function stopLibvirtd(daemon) {
  const libvirtd = daemon.process;
  if (libvirtd?.pid !== undefined && !hasEnded(libvirtd)) {
    const ended = once(libvirtd, 'exit');
    libvirtd.kill('SIGTERM');
    const impatience = setTimeout(() => libvirtd.kill('SIGKILL'), STOP_DEADLINE_MS);
    await ended;
    clearTimeout(impatience);
  }
  await rm(daemon.directory, { recursive: true, force: true });
}

/**
 * One virsh defines them all: a thousand processes would take a minute.
 * @returns {Promise<string[]>} the definitions as libvirt prints them
 */
async function defineDomains(uri, count, directory, signal) {
  const paths = [];
  for (let index = 0; index < count; index += 1) {
    const path = join(directory, `${novaDomainName(index)}.xml`);
    await writeFile(path, novaDomainXml(index));
    paths.push(path);
  }
  const script = join(directory, 'define.virsh');
  await writeFile(script, paths.map((path) => `define ${path}\n`).join(''));
  await virsh(uri, script, directory, signal);

  await writeFile(script, dumpScript(count));
  const definitions =
    (await virsh(uri, script, directory, signal)).match(/^<domain [\s\S]*?^<\/domain>$/gm) ?? [];
  if (definitions.length !== count) {
    throw new Error(`libvirt took ${definitions.length} of ${count} domains`);
  }
  return definitions;
}

/** @returns {string} what to feed to virsh so that it prints every definition */
export function dumpScript(count) {
  return Array.from({ length: count }, (_, index) => `dumpxml ${novaDomainName(index)}\n`).join('');
}

/** virsh reads commands from its standard input, goes on after one that failed, and then exits with 0. */
async function virsh(uri, script, directory, signal) {
  const run = await runToEnd('virsh', ['--quiet', '--connect', uri], { stdin: script, directory, signal });
  const errors = await readFile(run.stderr, 'utf8');
  if (run.exitCode !== 0 || /^error:/m.test(errors)) throw new Error(`virsh: ${errors.slice(0, 500)}`);
  return readFile(run.stdout, 'utf8');
}

function hasEnded(child) {
  return child.exitCode !== null || child.signalCode !== null;
}

async function isSocket(path) {
  return stat(path).then(
    (found) => found.isSocket(),
    () => false,
  );
}
