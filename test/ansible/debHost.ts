import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { nodePackage, packageDeb, succeeded } from '../packages/debianPackages.js';
import { type ScratchRoot, scratchRoot } from '../packages/scratchRoot.js';
import { PYTHON, requireCommand, requireFact } from '../support/requirement.js';
import { scratchDirectory } from '../support/scratch.js';
import { Controller, type HostCounts, recapOf } from './playbooks.js';

/** A host where the role has its usual paths, and which is its own controller. */
export interface DebHost {
  readonly root: ScratchRoot;
  /** A directory of this machine that is /packages there. */
  readonly packages: string;
  /** The file of the package. */
  readonly deb: string;
  /** Plays the role, which must not fail. */
  play(...options: string[]): Promise<HostCounts | undefined>;
  /** Plays those tasks of the role that an operator may ask for by themselves. */
  playFrom(tasks: string): Promise<HostCounts | undefined>;
  read(path: string): Promise<string>;
  stop(): Promise<void>;
}

/** Skips the suite where something is missing that {@link startDebHost} needs. */
export function requireDebHost(context: Mocha.Context): void {
  requireCommand(context, 'ansible-playbook', 'dpkg-deb', 'dpkg', 'apt-get', 'unshare', 'nsenter');
  requireFact(context, process.getuid?.() === 0, 'packages are installed as root');
}

/** Makes the package, and a copy of this machine's root to install it on; skips the suite where root may not do that. */
export async function startDebHost(context: Mocha.Context): Promise<DebHost> {
  const scratch = scratchDirectory('role-deb');
  const [deb, collections] = await Promise.all([
    packageDeb(scratch.path),
    new Controller(scratch.path).installCollection(),
  ]);
  const made = await scratchRoot(scratch.path);
  if (made === null) await scratch.remove();
  requireFact(context, made !== null, 'root may not mount overlays here');
  const root = made as ScratchRoot;
  // What this machine has of its own.
  const own = [
    '/var/lib/virt-clock-audit',
    '/var/lib/prometheus',
    '/etc/virt-clock-audit.yaml',
    '/etc/ansible',
  ];
  succeeded(await root.run('rm', '-rf', ...own));
  const node = (await root.run('dpkg-query', '-s', 'nodejs')).stdout;
  if (Number(/^Version: (\d+)/m.exec(node)?.[1] ?? 0) < 20) {
    succeeded(await root.run('dpkg', '-i', `/packages/${basename(await nodePackage(scratch.path))}`));
  }
  const vars = {
    ansible_python_interpreter: PYTHON,
    virt_clock_audit_install_method: 'deb',
    virt_clock_audit_package: `/packages/${basename(deb)}`,
    virt_clock_audit_configuration: { profile: 'nova' },
    virt_clock_audit_connect: 'test:///default',
    virt_clock_audit_schedule: 'cron',
    virt_clock_audit_fail_on: 'never',
  };
  const name = 'virt_clock.audit.virt_clock_audit';
  async function played(more: object, options: readonly string[]): Promise<HostCounts | undefined> {
    const play = { hosts: 'localhost', connection: 'local', gather_facts: false, vars, ...more };
    writeFileSync(join(scratch.path, 'play.json'), JSON.stringify([play]));
    const settings = ['LC_ALL=C.UTF-8', `ANSIBLE_COLLECTIONS_PATH=/packages/${basename(collections)}`];
    const run = await root.run(
      ...['env', ...settings, 'ANSIBLE_NOCOLOR=1', 'ansible-playbook'],
      ...[...options, '/packages/play.json'],
    );
    const { localhost } = recapOf(run.stdout + run.stderr);
    expect(localhost, run.stdout + run.stderr).to.include({ failed: 0, unreachable: 0 });
    return localhost;
  }
  return {
    ...{ root, deb, packages: scratch.path },
    play: (...options) => played({ roles: [name] }, options),
    playFrom: (tasks) =>
      played({ tasks: [{ 'ansible.builtin.include_role': { name, tasks_from: tasks } }] }, []),
    read: async (path) => (await root.run('cat', path)).stdout,
    async stop() {
      await root.remove();
      await scratch.remove();
    },
  };
}
