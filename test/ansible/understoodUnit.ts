import { join } from 'node:path';
import { expect } from 'chai';
import { runProcess, type ToolRun } from '../support/runTool.js';

/** What systemd makes of a service with its drop-ins. */
export interface UnderstoodUnit {
  /** What it would run, with its arguments, as a POSIX shell reads them. */
  readonly command: string;
  /** What `Environment=` gives it. */
  readonly environment: readonly string[];
  readonly writable: string;
  readonly protectHome: string;
}

type Run = (command: string, ...args: string[]) => Promise<ToolRun>;

/**
 * Has systemd read a service, which must have nothing to complain of.
 * @param directory - where the unit is
 * @param run - elsewhere than on this machine
 */
export async function understoodUnit(
  directory: string,
  name: string,
  run: Run = (command, ...args) => runProcess(command, args),
): Promise<UnderstoodUnit> {
  const verify = ['systemd-analyze', '--man=no', 'verify', join(directory, name)];
  const { exitCode, stderr } = await run('env', ...verify);
  expect({ exitCode, stderr }).to.deep.equal({ exitCode: 0, stderr: '' });
  // With debugging on, it tells each unit as it understood it.
  const told = await run('env', 'SYSTEMD_LOG_LEVEL=debug', ...verify);
  const text = told.stdout + told.stderr;
  const unit = text.slice(text.indexOf(`Unit ${name}:`));
  const values = (key: string) => [...unit.matchAll(new RegExp(`^\\s+${key}: (.*)$`, 'gm'))];
  const [command, ...more] = values('Command Line').map(([, value = '']) => value);
  expect(more, text).to.deep.equal([]);
  return {
    // systemd takes two for one when it starts the command, which it has not done here.
    command: (command ?? '').replaceAll('\\$\\$', '\\$'),
    environment: values('Environment').map(([, value = '']) => value),
    writable: values('ReadWritePaths')[0]?.[1] ?? '',
    protectHome: values('ProtectHome')[0]?.[1] ?? '',
  };
}
