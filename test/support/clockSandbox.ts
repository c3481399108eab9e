import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect } from 'chai';
import { readKernelClock } from '../../src/host/kernelClock.js';
import { readTimeDaemons, timeDaemonProcesses } from '../../src/host/timeDaemons.js';
import { CLOCK_MONOTONIC, CLOCK_REALTIME, systemCalls } from '../../src/kernel/systemCalls.js';
import { commandPath } from './commandPath.js';
import { type ForegroundProcess, startForeground } from './foregroundProcess.js';
import type { NtpServerOptions } from './ntpServer.js';
import { runCommand } from './runCommand.js';
import { projectRoot } from './runTool.js';
import { type ScratchDirectory, scratchDirectory } from './scratch.js';
import { waitUntil } from './waitUntil.js';

/**
 * A place for real time daemons, in which the kernel lets nobody set a clock of the machine: a user namespace of its
 * own, in which root has every capability but none that counts outside. Its network is its own as well, where port 123
 * is free.
 */
export interface ClockSandbox {
  /** For files of the daemons. */
  readonly directory: string;
  start(command: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<ForegroundProcess>;
  run(command: string, ...args: string[]): Promise<string>;
  /** The path of a script that runs this command in the sandbox, for a reader that wants the path of a command. */
  script(name: string, command: string, env?: Readonly<Record<string, string>>): string;
  /** Ends everything; fails when the machine's clock was touched. */
  stop(): Promise<void>;
}

/** Nothing is left behind for longer than that, even if the test process is killed. */
const LONGEST_SECONDS = '300';

/** Takes root, and a kernel that allows user namespaces. */
export async function startClockSandbox(): Promise<ClockSandbox> {
  const scratch: ScratchDirectory = scratchDirectory('clock');
  const before = clockOfThisMachine();
  const holder = await startForeground(
    'unshare',
    ['--user', '--mount', '--net', 'sleep', LONGEST_SECONDS],
    join(scratch.path, 'holder.log'),
  );
  const started: ForegroundProcess[] = [];
  const proc = `/proc/${holder.pid}`;
  try {
    await waitUntil('the namespaces', async () => readFileSync(`${proc}/comm`, 'utf8') === 'sleep\n', {
      worthWaiting: () => holder.running,
    });
    // Not all of the numbers, which is what the first namespace maps.
    for (const map of ['uid_map', 'gid_map']) writeFileSync(`${proc}/${map}`, '0 0 65536');
  } catch (error) {
    await stop();
    throw error;
  }
  const into = ['-t', String(holder.pid), '-U', '-m', '-n', '-S', '0', '-G', '0', '--'];
  const alone = [commandPath('setpriv') ?? 'setpriv', '--pdeathsig', 'KILL', '--'];

  async function stop(): Promise<void> {
    await Promise.all(started.map((process) => process.stop()));
    await holder.kill();
    await scratch.remove();
    const after = clockOfThisMachine();
    expect(Math.abs(after.aheadSeconds - before.aheadSeconds), 'the clock was set').to.be.below(0.001);
    if (before.frequencyPpm !== null && after.frequencyPpm !== null) {
      expect(after.frequencyPpm, 'the frequency of the clock').to.equal(before.frequencyPpm);
    }
  }

  return {
    directory: scratch.path,
    async start(command, args, env = {}) {
      const log = join(scratch.path, `${started.length}.log`);
      const process = await startForeground('nsenter', [...into, ...alone, command, ...args], log, { env });
      started.push(process);
      return process;
    },
    run: (command, ...args) => runCommand('nsenter', [...into, command, ...args]),
    script(name, command, env = {}) {
      const path = join(scratch.path, name);
      const variables = Object.entries(env).map(([key, value]) => `'${key}=${value}'`);
      const words = [commandPath('nsenter'), ...into, commandPath('env'), ...variables, command];
      writeFileSync(path, `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`);
      chmodSync(path, 0o755);
      return path;
    },
    stop,
  };
}

/** Starts NTP servers at port 123 of addresses in the sandbox. */
export async function startNtpServersIn(
  sandbox: ClockSandbox,
  servers: readonly NtpServerOptions[],
): Promise<ForegroundProcess> {
  const loader = createRequire(join(projectRoot, 'package.json')).resolve('tsx');
  const program = join(import.meta.dirname, 'ntpServerProcess.ts');
  const options = servers.map((server) => JSON.stringify({ port: 123, ...server }));
  const started = await sandbox.start(process.execPath, ['--import', loader, program, ...options]);
  const worthWaiting = () => started.running;
  await waitUntil('the NTP servers', async () => started.log().includes('listening'), { worthWaiting });
  return started;
}

/** A step changes how far CLOCK_REALTIME is ahead of CLOCK_MONOTONIC; steering changes the frequency. */
function clockOfThisMachine() {
  const { clockNanoseconds } = systemCalls();
  const readings = Array.from({ length: 20 }, () => {
    const before = clockNanoseconds(CLOCK_MONOTONIC);
    const realtime = clockNanoseconds(CLOCK_REALTIME);
    const took = clockNanoseconds(CLOCK_MONOTONIC) - before;
    return { took: Number(took), aheadSeconds: Number(realtime - before) / 1e9 };
  });
  // The process may lose the CPU between two of the calls, but hardly every time.
  const [quickest] = readings.sort((one, other) => one.took - other.took);
  const kernel = readKernelClock();
  if (!kernel.known) throw new Error(kernel.reason);
  const own = readTimeDaemons('/', timeDaemonProcesses('/'));
  return {
    aheadSeconds: quickest?.aheadSeconds ?? Number.NaN,
    // A daemon that is at work on the machine does change it.
    frequencyPpm: own.known && own.value.length === 0 ? kernel.value.frequencyPpm : null,
  };
}
