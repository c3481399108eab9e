import { type SpawnOptions, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { atExit } from './atExit.js';
import { commandPath, searchPath } from './commandPath.js';

export interface ForegroundProcess {
  readonly pid: number;
  /** True until the process has ended. */
  readonly running: boolean;
  /** What it wrote to its standard output and error so far. */
  log(): string;
  signal(name: NodeJS.Signals): void;
  /** Ends the process: SIGTERM, after five seconds SIGKILL. Works for a stopped process, too. */
  stop(): Promise<void>;
  /** Ends the process with SIGKILL. */
  kill(): Promise<void>;
}

/**
 * Starts a daemon that stays in the foreground, so that its pid is known to be ours, with its output in a file.
 * It cannot outlive the test process: the kernel kills it with its parent.
 */
export async function startForeground(
  command: string,
  args: readonly string[],
  logFile: string,
  options: Pick<SpawnOptions, 'uid' | 'gid' | 'env' | 'cwd'> = {},
): Promise<ForegroundProcess> {
  const output = openSync(logFile, 'a', 0o644);
  const env = { PATH: searchPath, ...options.env, LC_ALL: 'C' };
  // setpriv replaces itself by the command: the pid stays the same.
  const child = spawn(
    commandPath('setpriv') ?? 'setpriv',
    ['--pdeathsig', 'KILL', '--', commandPath(command) ?? command, ...args],
    {
      ...options,
      env,
      stdio: ['ignore', output, output],
    },
  );
  closeSync(output);
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => resolve(child.pid ?? 0));
  });
  const withdraw = atExit(() => child.kill('SIGKILL'));
  // A forgotten daemon must not keep mocha from ending.
  child.unref();

  async function end(...signals: NodeJS.Signals[]): Promise<void> {
    child.ref();
    for (const name of signals) child.kill(name);
    const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
    if (child.exitCode === null && child.signalCode === null) await exited;
    clearTimeout(timer);
    withdraw();
  }

  return {
    pid,
    get running() {
      return child.exitCode === null && child.signalCode === null;
    },
    log: () => readFileSync(logFile, 'utf8'),
    signal: (name) => void child.kill(name),
    stop: () => end('SIGTERM', 'SIGCONT'),
    kill: () => end('SIGKILL'),
  };
}
