// What both commands of the README do first: install what package-lock.json names, and build.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder, without a slash behind it. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

/** Prints a line for people; standard output belongs to the report. */
export function tell(message) {
  process.stderr.write(`${message}\n`);
}

/**
 * Runs a command with its output on standard error.
 * @returns whether it succeeded
 */
export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: ['ignore', 2, 2], ...options });
  if (error) tell(`${command}: ${error.message}`);
  return status === 0;
}

/** Installs the packages of package-lock.json, unless they are there already. */
export function installPackages() {
  const stamp = join(ROOT, 'node_modules', '.installed-for');
  const wanted = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  tell('installing packages (npm ci)');
  if (!run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])) {
    tell('npm ci failed; see above. It needs the npm registry.');
    process.exit(3);
  }
  mkdirSync(join(ROOT, 'node_modules'), { recursive: true });
  writeFileSync(stamp, wanted);
}

/** Builds dist/, unless it is newer than everything that it is made of. */
export function build() {
  const built = join(ROOT, 'dist', 'cli', 'entry.js');
  const sources = ['src', 'scripts/build.mjs', 'package-lock.json'].map((path) => newest(join(ROOT, path)));
  if (existsSync(built) && statSync(built).mtimeMs > Math.max(...sources)) return;
  if (!run(process.execPath, ['scripts/build.mjs'])) {
    tell('the build failed; see above');
    process.exit(3);
  }
}

function newest(path) {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}
