// What the Debian package puts where.
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ROOT } from '../prepare.mjs';
import { relinkDocuments } from './links.mjs';

const HOME = 'usr/lib/virt-clock-audit';
const DOC = 'usr/share/doc/virt-clock-audit';

/** What is copied as it is, from the project into the tree. */
const COPIED = {
  'package.json': `${HOME}/package.json`,
  dist: `${HOME}/dist`,
  schema: `${HOME}/schema`,
  collector: `${HOME}/collector`,
  'packaging/debian/virt-clock-audit.yaml': 'etc/virt-clock-audit.yaml',
  'packaging/cron.d/virt-clock-audit': 'etc/cron.d/virt-clock-audit',
  'packaging/systemd/virt-clock-audit.service': 'lib/systemd/system/virt-clock-audit.service',
  'packaging/systemd/virt-clock-audit.timer': 'lib/systemd/system/virt-clock-audit.timer',
  'completions/virt-clock-audit.bash': 'usr/share/bash-completion/completions/virt-clock-audit',
  'completions/_virt-clock-audit': 'usr/share/zsh/vendor-completions/_virt-clock-audit',
  'completions/virt-clock-audit.fish': 'usr/share/fish/vendor_completions.d/virt-clock-audit.fish',
  'README.md': `${DOC}/README.md`,
  docs: `${DOC}/docs`,
  'packaging/prometheus': `${DOC}/examples/prometheus`,
  'packaging/grafana': `${DOC}/examples/grafana`,
  'packaging/debian/lintian-overrides': 'usr/share/lintian/overrides/virt-clock-audit',
  ansible: `${DOC}/examples/ansible`,
  'test/fixtures/traps': `${DOC}/examples/traps`,
};

/** What of koffi runs; the rest of it are the sources of its native part. */
const KOFFI = ['package.json', 'index.js', 'index.cjs', ...['index', 'src/static'].flatMap(moduleFiles)];

function moduleFiles(name) {
  return ['js', 'cjs'].map((suffix) => `src/koffi/${name}.${suffix}`);
}

/** Where state and metrics go. */
const DIRECTORIES = ['var/lib/virt-clock-audit', 'var/lib/prometheus/node-exporter'];

/**
 * Puts the package's files into a tree.
 * @param tree - an empty directory, or one that does not exist yet
 * @param native - koffi's native part, from nativePart
 */
export function addFiles(tree, native) {
  const copy = (from, to) => {
    if (!existsSync(from)) throw new Error(`${from} is missing (npm run build makes dist)`);
    // Source maps are for whoever has the sources.
    cpSync(from, join(tree, to), { recursive: true, filter: (path) => !path.endsWith('.map') });
  };
  for (const [from, to] of Object.entries(COPIED)) copy(join(ROOT, from), to);
  relinkDocuments(tree, COPIED);
  for (const part of KOFFI) {
    copy(join(ROOT, 'node_modules/koffi', part), join(HOME, 'node_modules/koffi', part));
  }
  for (const part of ['package.json', 'index.js', join(native.library, 'koffi.node')]) {
    copy(join(native.directory, part), join(HOME, 'node_modules', native.name, part));
  }
  for (const directory of DIRECTORIES) mkdirSync(join(tree, directory), { recursive: true });
  // Debian's Node, whatever root's PATH finds first.
  const program = readFileSync(join(ROOT, 'bin/virt-clock-audit.js'), 'utf8');
  write(tree, `${HOME}/bin/virt-clock-audit.js`, program.replace(/^#!.*/, '#!/usr/bin/node'));
  chmodSync(join(tree, HOME, 'bin/virt-clock-audit.js'), 0o755);
  mkdirSync(join(tree, 'usr/bin'), { recursive: true });
  symlinkSync('../lib/virt-clock-audit/bin/virt-clock-audit.js', join(tree, 'usr/bin/virt-clock-audit'));
  write(tree, 'usr/share/man/man1/virt-clock-audit.1.gz', gzipped(`${ROOT}/man/virt-clock-audit.1`));
  write(tree, `${DOC}/changelog.gz`, gzipped(`${ROOT}/packaging/debian/changelog`));
}

/** Writes a file of the tree, and makes the directories that it is in. */
export function write(tree, path, content) {
  mkdirSync(dirname(join(tree, path)), { recursive: true });
  writeFileSync(join(tree, path), content);
}

function gzipped(file) {
  return gzipSync(readFileSync(file), { level: 9 });
}
