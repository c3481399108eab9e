// DEBIAN/ of the package's tree, and the modes and times of all that is in it.
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, lstatSync, lutimesSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../prepare.mjs';
import { copyright } from './copyright.mjs';
import { write } from './files.mjs';

const SCRIPTS = ['postinst', 'prerm', 'postrm'];
const PROGRAM = /\/(bin\/virt-clock-audit\.js|collector\/collect\.sh)$/;

/**
 * Completes a tree that dpkg-deb can build.
 * @param changelog - the package's changelog, whose first entry names the maintainer
 * @param epochSeconds - the time of all files, in seconds since 1970
 */
export function addControlFiles(tree, { architecture, version, changelog, epochSeconds }) {
  write(tree, 'usr/share/doc/virt-clock-audit/copyright', copyright(ROOT));
  const files = listed(tree).filter((path) => lstatSync(join(tree, path)).isFile());
  const sums = files.map((path) => `${md5(join(tree, path))}  ${path}\n`);
  const sizes = files.map((path) => Math.ceil(lstatSync(join(tree, path)).size / 1024));
  const values = {
    VERSION: version,
    ARCHITECTURE: architecture,
    MAINTAINER: /^ -- (.*>) /m.exec(changelog)[1],
    // Each directory and link counts as one (Debian Policy, 5.6.20).
    INSTALLED_SIZE: sizes.reduce((sum, size) => sum + size, listed(tree).length - files.length),
  };
  const control = readFileSync(`${ROOT}/packaging/debian/control`, 'utf8');
  write(
    tree,
    'DEBIAN/control',
    control.replace(/@([A-Z_]+)@/g, (_, name) => values[name]),
  );
  write(tree, 'DEBIAN/md5sums', sums.join(''));
  const configuration = files.filter((path) => path.startsWith('etc/'));
  write(tree, 'DEBIAN/conffiles', configuration.map((path) => `/${path}\n`).join(''));
  for (const script of SCRIPTS) cpSync(`${ROOT}/packaging/debian/${script}`, join(tree, 'DEBIAN', script));
  for (const path of listed(tree).reverse()) settle(join(tree, path), epochSeconds);
  settle(tree, epochSeconds);
}

/** Findings name guests and their weaknesses. */
const PRIVATE = /\/var\/lib\/virt-clock-audit$/;

/** Modes that do not depend on a umask, and one time for everything. */
function settle(path, epochSeconds) {
  const stats = lstatSync(path);
  if (!stats.isSymbolicLink()) {
    const executable =
      stats.isDirectory() || PROGRAM.test(path) || SCRIPTS.some((it) => path.endsWith(`DEBIAN/${it}`));
    chmodSync(path, PRIVATE.test(path) ? 0o700 : executable ? 0o755 : 0o644);
  }
  lutimesSync(path, epochSeconds, epochSeconds);
}

/** Everything below a directory, by its path there, sorted. */
function listed(directory) {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort();
}

function md5(file) {
  return createHash('md5').update(readFileSync(file)).digest('hex');
}
