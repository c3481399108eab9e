import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../support/runCommand.js';
import { LAB_CACHE } from './debianMirror.js';

/**
 * The directory of a package from the npm registry, fetched once for each version; its scripts are not run.
 * @throws when the registry cannot be reached and it was not fetched before
 */
export async function npmPackage(name: string, version: string): Promise<string> {
  const home = join(LAB_CACHE, 'npm', `${name.replaceAll('/', '%2f')}_${version}`);
  if (existsSync(home)) return home;
  mkdirSync(join(home, '..'), { recursive: true });
  const partial = mkdtempSync(join(home, '..', '.partial-'));
  try {
    await runCommand('npm', ['pack', '--silent', `${name}@${version}`], {
      cwd: partial,
      timeoutMs: 200_000,
    });
    const [archive = ''] = readdirSync(partial);
    await runCommand('tar', ['-x', '-z', '-f', archive], { cwd: partial });
    renameSync(join(partial, 'package'), home);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return home;
}
