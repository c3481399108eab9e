import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';

const root = join(import.meta.dirname, '..', '..');

function documentsBelow(directory: string): string[] {
  return readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(directory, name));
}

describe('documentation', () => {
  for (const path of ['README.md', ...documentsBelow('docs')]) {
    it(`${path} has each heading once, and links to files that exist`, () => {
      const text = readFileSync(join(root, path), 'utf8');
      const headings = text.match(/^#+ .*/gm) ?? [];
      expect(headings).to.have.length(new Set(headings).size);
      for (const [, target = ''] of text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
        expect(existsSync(join(root, dirname(path), target)), target).to.equal(true);
      }
    });
  }
});
