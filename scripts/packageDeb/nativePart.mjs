// koffi's native part for a kind of machine, which need not be the one that makes the package.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, run, tell } from '../prepare.mjs';

/** Node's names for Debian's kinds of machines. */
const CPUS = { amd64: 'x64', arm64: 'arm64' };

/**
 * The package with koffi's native part, from node_modules or else from the registry.
 * @param architecture - Debian's name of the kind of machine
 * @param scratch - a directory for what has to be fetched
 * @returns the package's name, where it lies, and the directory in it that is for glibc
 */
export function nativePart(architecture, scratch) {
  const cpu = CPUS[architecture];
  if (!cpu) throw new Error(`there is no ${architecture} package; --arch is one of ${Object.keys(CPUS)}`);
  const name = `@koromix/koffi-linux-${cpu}`;
  const installed = join(ROOT, 'node_modules', name);
  const directory = existsSync(installed) ? installed : fetched(name, scratch);
  return { name, directory, library: `linux_${cpu}` };
}

function fetched(name, scratch) {
  const lock = JSON.parse(readFileSync(`${ROOT}/package-lock.json`, 'utf8'));
  const { version, integrity } = lock.packages[`node_modules/${name}`];
  tell(`fetching ${name}@${version}`);
  const pack = ['pack', '--silent', `${name}@${version}`, '--pack-destination', scratch];
  if (!run('npm', pack)) throw new Error(`npm could not fetch ${name}; see above`);
  const file = join(scratch, `${name.slice(1).replace('/', '-')}-${version}.tgz`);
  const [algorithm, expected] = integrity.split(/-(.*)/s);
  const found = createHash(algorithm).update(readFileSync(file)).digest('base64');
  if (found !== expected) throw new Error(`${name}@${version} is not what package-lock.json says that it is`);
  if (!run('tar', ['-xzf', file, '-C', scratch])) throw new Error(`${file} cannot be unpacked; see above`);
  return join(scratch, 'package');
}
