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
