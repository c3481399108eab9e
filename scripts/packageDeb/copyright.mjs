// The package's copyright file, in Debian's machine-readable format.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { licensedPackage } from '../thirdParty.mjs';

/**
 * The copyright file: what packaging/debian says, and each foreign package with its licence.
 * @param root - the project's folder
 */
export function copyright(root) {
  const own = readFileSync(join(root, 'packaging/debian/copyright'), 'utf8').trim();
  const [, terms] = readFileSync(join(root, 'LICENSE'), 'utf8').split(/\n(?=Permission)/);
  const foreign = [...bundled(root), 'koffi'].map((name) =>
    section(licensedPackage(join(root, 'node_modules', name))),
  );
  return `${own}\n${indented(terms)}\n\n${foreign.join('\n')}`;
}

/** The names of the packages in the bundle, from the notices that the build wrote. */
function bundled(root) {
  const notices = readFileSync(join(root, 'dist/THIRD-PARTY-NOTICES.txt'), 'utf8');
  return [...notices.matchAll(/^-{80}\n(\S+) /gm)].map(([, name]) => name);
}

function section({ name, license, text }) {
  const holders = text
    .split('\n')
    .flatMap((line) => /^\s*copyright\s+(?:\(c\)|©)?\s*(.+)$/i.exec(line)?.[1] ?? []);
  const [first = `the authors of ${name}`, ...others] = holders;
  const paths = name === 'koffi' ? 'node_modules/koffi/* node_modules/@koromix/*' : `node_modules/${name}/*`;
  return [
    `Files: ${paths}`,
    `Copyright: ${[first, ...others.map((it) => ` ${it}`)].join('\n')}`,
    `License: ${license}-${name.replace(/[^a-z0-9]+/g, '-').replace(/^-/, '')}`,
    `${indented(text)}\n`,
  ].join('\n');
}

function indented(text) {
  return text
    .trim()
    .split('\n')
    .map((line) => (line.trim() === '' ? ' .' : ` ${line.trimEnd()}`))
    .join('\n');
}
