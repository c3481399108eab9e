// The packages whose code is in dist/, with the licences that want to be handed on with it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The terms of packages that name their licence and ship no text of it: SPDX's texts. */
const TERMS = {
  ISC: `Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is
hereby granted, provided that the above copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE
INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR
ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE,
DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN
CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.`,
  MIT: `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction, including
without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies
of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following
conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions
of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED
TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL
THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF
CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER
DEALINGS IN THE SOFTWARE.`,
};

/**
 * The packages with code in a bundle, by name.
 * @param metafile - what esbuild says of the bundle
 * @param root - the project's folder
 */
export function bundledPackages(metafile, root) {
  const names = new Set();
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const name = /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
      if (name && bytesInOutput > 0) names.add(name);
    }
  }
  return [...names].sort().map((name) => licensedPackage(join(root, 'node_modules', name)));
}

/**
 * A package with its licence's text: its own file, or else what its package.json says with SPDX's terms.
 * @throws Error for a licence without a text
 */
export function licensedPackage(directory) {
  const { name, version, license, author } = JSON.parse(
    readFileSync(join(directory, 'package.json'), 'utf8'),
  );
  const file = existsSync(directory) && readdirSync(directory).find((it) => /^licen[cs]e(\.|$)/i.test(it));
  if (file) return { name, version, license, text: readFileSync(join(directory, file), 'utf8').trim() };
  const terms = TERMS[license];
  if (!terms) throw new Error(`${name} has neither a file with its licence nor one of ${Object.keys(TERMS)}`);
  const holder = typeof author === 'string' ? author : author?.name;
  return { name, version, license, text: `Copyright (c) ${holder ?? `the authors of ${name}`}\n\n${terms}` };
}

/** The file that accompanies the bundle. */
export function thirdPartyNotices(packages) {
  const line = '-'.repeat(80);
  const sections = packages.map(
    ({ name, version, license, text }) => `${line}\n${name} ${version} (${license})\n\n${text}\n`,
  );
  return `virt-clock-audit contains code of these packages:\n\n${sections.join('\n')}`;
}
