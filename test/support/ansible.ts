import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PYTHON } from './requirement.js';
import { runProcess } from './runTool.js';

/** The counts of Ansible's recap, and all that it wrote. */
export interface Play {
  readonly ok: number;
  readonly changed: number;
  readonly failed: number;
  readonly output: string;
}

/**
 * Prepares to play lists of tasks on this machine.
 * @param directory - an empty one of the test's own, for the play and all that Ansible writes
 */
export function startAnsible(directory: string) {
  const home = join(directory, 'ansible');
  mkdirSync(home);
  const path = join(home, 'play.yml');
  const env = {
    HOME: home,
    // It refuses to run in the C locale.
    LC_ALL: 'C.UTF-8',
    ANSIBLE_NOCOLOR: '1',
    ANSIBLE_LOCALHOST_WARNING: 'False',
    ANSIBLE_INVENTORY_UNPARSED_WARNING: 'False',
  };
  const head = `- hosts: localhost
  connection: local
  gather_facts: false
  vars:
    ansible_python_interpreter: ${PYTHON}
  tasks:
`;
  return {
    async play(tasks: readonly string[], ...options: string[]): Promise<Play> {
      const body = tasks.join('').replace(/^(?=.)/gm, '    ');
      writeFileSync(path, head + body);
      const run = await runProcess('ansible-playbook', [...options, path], { env, timeoutMs: 280_000 });
      const output = run.stdout + run.stderr;
      const recap = /ok=(\d+) +changed=(\d+) .*?failed=(\d+)/.exec(output);
      if (!recap) throw new Error(`no recap: ${output}`);
      const [ok = 0, changed = 0, failed = 0] = recap.slice(1).map(Number);
      return { ok, changed, failed, output };
    },
  };
}
