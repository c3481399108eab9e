import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { commandPath } from '../support/commandPath.js';
import type { HostVariables } from './playbooks.js';

/** What the role may write on a host, below a directory of the test's own, as if it were the host's root. */
export class ManagedHost {
  readonly root: string;
  readonly bin: string;

  /** @param programs - what its PATH has besides the shell's commands */
  constructor(directory: string, name: string, programs: readonly string[]) {
    this.root = join(directory, name);
    this.bin = join(directory, `${name}-bin`);
    mkdirSync(this.root);
    mkdirSync(this.bin);
    for (const program of ['sh', 'env', 'uname', ...programs]) {
      symlinkSync(commandPath(program) ?? program, join(this.bin, program));
    }
  }

  at(path: string): string {
    return join(this.root, path);
  }

  read(path: string): string {
    return readFileSync(this.at(path), 'utf8');
  }

  has(path: string): boolean {
    return existsSync(this.at(path));
  }

  /** Each file that is there, with its content and when it was changed last. */
  files(): string[] {
    return readdirSync(this.root, { recursive: true, encoding: 'utf8' })
      .filter((path) => !path.startsWith('prefix'))
      .sort()
      .map((path) => {
        const stats = lstatSync(this.at(path));
        return `${path} ${stats.isFile() ? `${stats.mtimeMs} ${this.read(path)}` : ''}`;
      });
  }

  /** The role's paths, below the root, with the directories that every host has. */
  variables(): HostVariables {
    const paths = {
      virt_clock_audit_npm_prefix: 'prefix',
      virt_clock_audit_package_directory: 'cache/virt-clock-audit',
      virt_clock_audit_configuration_file: 'etc/virt-clock-audit.yaml',
      virt_clock_audit_cron_file: 'etc/cron.d/virt-clock-audit',
      virt_clock_audit_systemd_directory: 'etc/systemd/system',
      virt_clock_audit_metrics_directory: 'lib/metrics',
      virt_clock_audit_state_directory: 'lib/virt-clock-audit',
      virt_clock_audit_facts_directory: 'etc/ansible/facts.d',
      virt_clock_audit_backup_directory: 'lib/backups',
    };
    for (const path of Object.values(paths)) mkdirSync(dirname(this.at(path)), { recursive: true });
    mkdirSync(this.at(paths.virt_clock_audit_systemd_directory), { recursive: true });
    return {
      ...Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, this.at(path)])),
      virt_clock_audit_search_path: this.bin,
    };
  }
}
