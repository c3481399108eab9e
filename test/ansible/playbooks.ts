import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PYTHON } from '../support/requirement.js';
import { projectRoot, runProcess } from '../support/runTool.js';

/** The counts of one host in Ansible's recap. */
export interface HostCounts {
  readonly ok: number;
  readonly changed: number;
  readonly unreachable: number;
  readonly failed: number;
}

/** A run of ansible-playbook. */
export interface PlaybookRun {
  readonly exitCode: number | null;
  readonly output: string;
  /** By the inventory's name. */
  readonly hosts: Readonly<Record<string, HostCounts>>;
}

/** Variables of a host, in JSON, which YAML includes. */
export type HostVariables = Readonly<Record<string, unknown>>;

/** The collection of this project, built and installed as an operator does it, and an inventory to play it for. */
export class Controller {
  readonly #directory: string;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #cwd: string | undefined;

  /**
   * @param directory - an empty one of the test's own, for all that Ansible writes
   * @param cwd - where playbooks are played; by default where the tests run
   * @param environment - further variables for Ansible
   */
  constructor(directory: string, cwd?: string, environment: Readonly<Record<string, string>> = {}) {
    this.#directory = directory;
    this.#cwd = cwd;
    this.#environment = {
      HOME: this.#at('home'),
      // It refuses to run in the C locale.
      LC_ALL: 'C.UTF-8',
      ANSIBLE_NOCOLOR: '1',
      ANSIBLE_COLLECTIONS_PATH: this.#at('collections'),
      ANSIBLE_PIPELINING: '1',
      ANSIBLE_LOCALHOST_WARNING: 'False',
      ANSIBLE_INVENTORY: this.#at('inventory.json'),
      ...environment,
    };
    mkdirSync(this.#at('home'));
  }

  #at(name: string): string {
    return join(this.#directory, name);
  }

  /** @returns the directory that ANSIBLE_COLLECTIONS_PATH is to name */
  async installCollection(): Promise<string> {
    const collections = this.#at('collections');
    const source = join(projectRoot, 'ansible');
    await this.#run('ansible-galaxy', ['collection', 'build', source, '--output-path', this.#at('built')]);
    const [built = ''] = readdirSync(this.#at('built'));
    const archive = join(this.#at('built'), built);
    await this.#run('ansible-galaxy', ['collection', 'install', '--offline', '-p', collections, archive]);
    return collections;
  }

  async #run(command: string, args: readonly string[]): Promise<void> {
    const { exitCode, stdout, stderr } = await runProcess(command, args, { env: this.#environment });
    if (exitCode !== 0) throw new Error(`${command} ended with ${exitCode}: ${stdout}${stderr}`);
  }

  /** @param sshConfiguration - for `ssh -F`; the names of the hosts are those of its `Host` lines */
  writeInventory(hosts: Readonly<Record<string, HostVariables>>, sshConfiguration: string): void {
    const shared = {
      ansible_python_interpreter: PYTHON,
      ansible_user: 'root',
      ansible_ssh_common_args: `-F ${sshConfiguration}`,
      ansible_ssh_extra_args: `-o ControlMaster=auto -o ControlPersist=30s -o ControlPath=${this.#at('%C')}`,
    };
    this.writeAll({ children: { compute: { hosts, vars: shared } } });
  }

  /** @param all - the group that has everybody, as an inventory has it */
  writeAll(all: object): void {
    writeFileSync(this.#at('inventory.json'), JSON.stringify({ all }));
  }

  /**
   * Plays the role.
   * @param variables - count more than the inventory's
   */
  async playRole(hosts: string, variables: HostVariables, ...options: string[]): Promise<PlaybookRun> {
    const role = { 'ansible.builtin.import_role': { name: 'virt_clock.audit.virt_clock_audit' } };
    return this.playTasks(hosts, [{ name: 'Audit', ...role }], variables, ...options);
  }

  async playTasks(
    hosts: string,
    tasks: readonly object[],
    variables: HostVariables = {},
    ...options: string[]
  ): Promise<PlaybookRun> {
    const path = this.#at('play.json');
    writeFileSync(path, JSON.stringify([{ hosts, gather_facts: false, tasks }]));
    return this.play(path, variables, ...options);
  }

  async play(path: string, variables: HostVariables = {}, ...options: string[]): Promise<PlaybookRun> {
    const args = ['--extra-vars', JSON.stringify(variables), ...options, path];
    const cwd = this.#cwd === undefined ? {} : { cwd: this.#cwd };
    const env = this.#environment;
    const run = await runProcess('ansible-playbook', args, { ...cwd, env, timeoutMs: 120_000 });
    const output = run.stdout + run.stderr;
    return { exitCode: run.exitCode, output, hosts: recapOf(output) };
  }

  /** Runs one module, as `ansible HOST -m MODULE -a ARGUMENTS` does, and returns its result. */
  async adHoc(host: string, module: string, args: string): Promise<Record<string, unknown>> {
    const env = this.#environment;
    const { stdout, stderr } = await runProcess('ansible', [host, '-m', module, '-a', args], { env });
    const [, result] = / => (\{.*\})\s*$/s.exec(stdout) ?? [];
    if (result === undefined) throw new Error(`no result: ${stdout}${stderr}`);
    return JSON.parse(result);
  }
}

/** @throws Error when the play did not get as far as its recap */
export function recapOf(output: string): Readonly<Record<string, HostCounts>> {
  const recap = output.matchAll(/^(\S+) +: ok=(\d+) +changed=(\d+) +unreachable=(\d+) +failed=(\d+)/gm);
  const hosts = Object.fromEntries(
    [...recap].map(([, name = '', ...counts]): [string, HostCounts] => {
      const [ok = 0, changed = 0, unreachable = 0, failed = 0] = counts.map(Number);
      return [name, { ok, changed, unreachable, failed }];
    }),
  );
  if (Object.keys(hosts).length === 0) throw new Error(`no recap: ${output}`);
  return hosts;
}
