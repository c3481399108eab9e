import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { documents } from '../../scripts/documents.js';

describe('generated documentation', () => {
  for (const [path, text] of documents()) {
    it(`${path} is what npm run generate writes`, () => {
      expect(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')).to.equal(text);
    });
  }
});
