import { spawnSync } from 'node:child_process';
import { type CollectorSettings, collectorScript } from '../../src/recording/collectorScript.js';
import { searchPath } from './commandPath.js';

/** The shells that the collector is proven with, as commands. */
export const SHELLS: Readonly<Record<string, readonly string[]>> = {
  dash: ['dash', '-s'],
  'bash in its POSIX mode': ['bash', '--posix', '-s'],
  bash: ['bash', '-s'],
  'busybox ash': ['busybox', 'sh', '-s'],
};

/** How to run the collector. */
export interface CollectorRun {
  readonly shell?: readonly string[];
  /** What is run before the shell, such as unshare with its options. */
  readonly wrapper?: readonly string[];
  readonly path?: string;
}

/** Runs the collector here, as ssh would there: the script comes through standard input. */
export function recordHere(
  settings: CollectorSettings,
  { shell = ['dash', '-s'], wrapper = [], path = searchPath }: CollectorRun = {},
): Buffer {
  const [command = '', ...args] = [...wrapper, ...shell];
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    input: collectorScript(settings),
    env: { PATH: path },
    maxBuffer: 1 << 28,
    timeout: 120_000,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`the collector ended with ${status}: ${stderr}`);
  return stdout;
}

/** What the collector does but for its end, and then commands of a test. */
export function inCollector(
  commands: string,
  { shell = ['dash', '-s'], input = '' }: { shell?: readonly string[]; input?: string } = {},
): string {
  const [command = '', ...args] = shell;
  const functions = collectorScript().replace(/^main <.*$/m, '');
  const { stdout, error } = spawnSync(command, [...args.slice(0, -1), '-c', `${functions}\n${commands}`], {
    // Bash reads the settings of whoever comes through a socket, as at the first of its levels.
    ...{ input, env: { PATH: searchPath, SHLVL: '1' }, maxBuffer: 1 << 28, timeout: 60_000 },
  });
  if (error) throw error;
  return stdout.toString();
}

/** A command that lays a file over a program of the system, of which the collector takes its own ones first. */
export function standIn(program: string, file: string): string {
  const system = '/usr/bin:/usr/sbin:/bin:/sbin:/usr/local/bin:/usr/local/sbin';
  return `real=$(PATH=${system} command -v ${program}) && mount --bind ${file} "$real"`;
}
