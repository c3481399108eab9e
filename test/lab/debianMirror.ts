import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../support/runCommand.js';

/** Debian's names of the architectures that there is a laboratory for. */
export type DebianArchitecture = 'amd64' | 'arm64';

/** What was fetched serves every checkout: `$XDG_CACHE_HOME/virt-clock-audit/lab`. */
export const LAB_CACHE = join(
  process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
  'virt-clock-audit',
  'lab',
);

/** A package in the version that the mirror offers. */
export interface OfferedPackage {
  readonly name: string;
  readonly version: string;
}

/**
 * Asks the configured mirror with lists of our own: those of the system may be missing, need root to be renewed, and
 * know the system's architecture only.
 * @see apt.conf(5)
 */
export class DebianMirror {
  readonly #options: readonly string[];
  readonly #lists: string;

  constructor(architecture: DebianArchitecture) {
    const home = join(LAB_CACHE, `apt-${architecture}`);
    const status = join(home, 'status');
    this.#lists = join(home, 'lists');
    for (const directory of ['lists/partial', 'archives/partial'])
      mkdirSync(join(home, directory), { recursive: true });
    writeFileSync(status, '');
    this.#options = [
      `APT::Architecture=${architecture}`,
      `APT::Architectures=${architecture}`,
      `Dir::State=${home}`,
      `Dir::State::status=${status}`,
      `Dir::Cache=${home}`,
      'APT::Sandbox::User=',
      'Acquire::Languages=none',
      'Acquire::http::Timeout=20',
    ].flatMap((option) => ['-o', option]);
  }

  /**
   * @param name - a package; one that does nothing but depend on another one of the same version, as
   *   linux-image-amd64 does, stands for that
   */
  async offer(name: string): Promise<OfferedPackage> {
    const description = await this.#run('apt-cache', ['show', '--no-all-versions', name]);
    const version = /^Version: (\S+)$/m.exec(description)?.[1];
    if (version === undefined) throw new Error(`apt-cache tells no version of ${name}`);
    const same = /^Depends: (\S+) \(= (\S+)\)$/m.exec(description);
    return same?.[1] !== undefined && same[2] === version ? { name: same[1], version } : { name, version };
  }

  /** Fetches the package file into the directory. */
  async download({ name, version }: OfferedPackage, directory: string): Promise<void> {
    await this.#run('apt-get', ['-q', 'download', `${name}=${version}`], directory);
  }

  /** Fetches packages into the directory with everything that they depend on. */
  async downloadWithDependencies(names: readonly string[], directory: string): Promise<void> {
    mkdirSync(join(directory, 'partial'));
    const options = ['-q', '-y', '-o', `Dir::Cache::archives=${directory}`, '--no-install-recommends'];
    await this.#run('apt-get', [...options, '--download-only', 'install', ...names]);
  }

  /** Fetches the lists of packages anew. */
  async renew(): Promise<void> {
    await this.#run('apt-get', ['-qq', 'update']);
  }

  get hasLists(): boolean {
    return existsSync(join(this.#lists, 'lock'));
  }

  #run(command: string, args: readonly string[], cwd?: string): Promise<string> {
    return runCommand(command, [...this.#options, ...args], {
      timeoutMs: 200_000,
      ...(cwd !== undefined && { cwd }),
    });
  }
}
