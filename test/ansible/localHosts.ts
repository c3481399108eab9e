import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandPath } from '../support/commandPath.js';
import { PYTHON } from '../support/requirement.js';
import { tool } from '../support/runTool.js';
import { scratchDirectory } from '../support/scratch.js';
import { goodClock, tinyDomainXml } from '../support/tinyDomain.js';
import { Controller, type HostVariables } from './playbooks.js';

/** Hosts that are all this machine, without a connection that may fail, for what becomes of plays and of the controller. */
export interface LocalHosts {
  readonly controller: Controller;
  /** Where playbooks are played, with nothing in it. */
  readonly cwd: string;
  at(name: string): string;
  /**
   * Writes the inventory, which has the controller as well.
   * @param hosts - what each has besides what all have
   * @param all - variables of everybody, the controller included
   */
  have(hosts: Readonly<Record<string, HostVariables>>, all?: HostVariables): void;
  stop(): Promise<void>;
}

/** Makes a controller whose hosts have the tool of this project, and a domain that passes. */
export async function startLocalHosts(): Promise<LocalHosts> {
  const scratch = scratchDirectory('local-hosts');
  const at = (name: string) => join(scratch.path, name);
  for (const name of ['controller', 'cwd', 'hosts']) mkdirSync(at(name));
  const controller = new Controller(at('controller'), at('cwd'), {
    // As who is not root has it.
    ANSIBLE_BECOME_ALLOW_SAME_USER: '1',
  });
  await controller.installCollection();
  writePlainSudo(at('sudo'));
  writeFileSync(at('fine.xml'), tinyDomainXml({ name: 'fine', clock: goodClock() }));
  const node = commandPath('node') ?? process.execPath;
  const shared = {
    ansible_connection: 'local',
    ansible_python_interpreter: PYTHON,
    virt_clock_audit_command: tool,
    virt_clock_audit_search_path: `${join(node, '..')}:/usr/bin:/bin`,
    virt_clock_audit_arguments: ['--domxml', at('fine.xml'), '--no-host'],
    virt_clock_audit_publish_facts: false,
    virt_clock_audit_state_directory: `${at('hosts')}/{{ inventory_hostname }}`,
    virt_clock_audit_fail_on: 'never',
  };
  return {
    ...{ controller, at, cwd: at('cwd') },
    have: (hosts, all = {}) =>
      controller.writeAll({
        hosts: { localhost: {} },
        vars: all,
        children: { compute: { hosts, vars: { ...shared, ansible_become_exe: at('sudo') } } },
      }),
    stop: () => scratch.remove(),
  };
}

/** Writes what takes the arguments of sudo and runs the command as who calls it. */
function writePlainSudo(path: string): void {
  writeFileSync(path, '#!/bin/sh\nwhile [ "$1" != /bin/sh ]; do shift; done\nexec "$@"\n');
  chmodSync(path, 0o755);
}

/** Variables of everybody for hosts where everything is done as root, with a sudo and a Python that the controller does not have. */
export const ALL_AS_ROOT: HostVariables = {
  ansible_become: true,
  ansible_become_exe: '/nowhere/sudo',
  ansible_python_interpreter: '/nowhere/python3',
};
