import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { startForeground } from './foregroundProcess.js';
import { runCommand } from './runCommand.js';
import { scratchDirectory } from './scratch.js';
import { waitUntil } from './waitUntil.js';

export interface PrivateChronyd {
  readonly socketPath: string;
  readonly pid: number;
  /** Runs chronyc against this instance (`-n`) and returns its standard output. */
  chronyc(...args: string[]): Promise<string>;
  /** SIGSTOP: chronyc gets no answer any more. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

export interface ChronydOptions {
  /** Where its files go; a scratch directory of its own by default. */
  directory?: string;
  /** Lines of chrony.conf besides those that make the instance private. */
  config: readonly string[];
}

/** Starts a chronyd that never touches the system clock and answers only at its own unix socket. */
export async function startPrivateChronyd({ directory, config }: ChronydOptions): Promise<PrivateChronyd> {
  const scratch = directory === undefined ? scratchDirectory('chrony') : undefined;
  const home = scratch?.path ?? directory ?? '';
  const run = join(home, 'run');
  mkdirSync(run, { recursive: true });
  // chronyd refuses a socket in a directory that others may enter, whatever the umask made of it.
  chmodSync(run, 0o750);
  const socketPath = join(run, 'chronyd.sock');
  const configFile = join(home, 'chrony.conf');
  const own = ['cmdport 0', `bindcmdaddress ${socketPath}`, `pidfile ${join(run, 'chronyd.pid')}`];
  writeFileSync(configFile, [...own, ...config, ''].join('\n'));
  // -x: no control of the clock; -d: stay in the foreground; -U: start without being root.
  const user = process.getuid?.() === 0 ? ['-u', 'root'] : ['-U', '-u', userInfo().username];
  const daemon = await startForeground('chronyd', ['-x', '-d', ...user, '-f', configFile], join(home, 'log'));

  const chronyc = (...args: string[]) => runCommand('chronyc', ['-n', '-h', socketPath, ...args]);

  async function stop(): Promise<void> {
    await daemon.stop();
    await scratch?.remove();
  }

  try {
    const worthWaiting = () => daemon.running;
    await waitUntil('an answer of the private chronyd', () => chronyc('tracking'), { worthWaiting });
  } catch (error) {
    const text = daemon.log();
    await stop();
    throw new Error(`${error instanceof Error ? error.message : error}\n${text}`, { cause: error });
  }

  return {
    socketPath,
    pid: daemon.pid,
    chronyc,
    freeze: () => daemon.signal('SIGSTOP'),
    thaw: () => daemon.signal('SIGCONT'),
    stop,
  };
}
