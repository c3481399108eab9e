import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { readLeapTable } from '../../src/host/leapTable.js';
import { requireFact } from '../support/requirement.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';

const list = '/usr/share/zoneinfo/leap-seconds.list';
const other = '/usr/share/zoneinfo/leapseconds';

describe('the table of leap seconds', () => {
  let root: ScratchDirectory;

  beforeEach(() => {
    root = scratchDirectory('root');
    mkdirSync(join(root.path, 'usr/share/zoneinfo'), { recursive: true });
  });
  afterEach(() => root.remove());

  const write = (path: string, text: string) => writeFileSync(join(root.path, path), text);
  const read = () => readLeapTable(root.path, 1_700_000_000);

  it('says when it expires, in seconds since 1900', () => {
    write(list, '#\tcomment\n#$\t3960835200\n#@\t3991593600\n2272060800\t10\t# 1 Jan 1972\n');
    expect(read()).to.deep.equal({
      known: true,
      value: { path: list, expiresAtSeconds: 1_782_604_800, readAtSeconds: 1_700_000_000 },
      source: list,
    });
  });

  it("says it in seconds since 1970 in tzdata's other form", () => {
    write(other, 'Leap\t2016\tDec\t31\t23:59:60\t+\tS\n#expires 1782604800 (2026-06-28 00:00:00 UTC)\n');
    expect(read()).to.deep.include({ known: true, source: other });
    expect(read()).to.have.nested.property('value.expiresAtSeconds', 1_782_604_800);
  });

  it('is null where there is none', () => {
    expect(read()).to.deep.include({ known: true, value: null });
    expect(readLeapTable(join(root.path, 'nothing'))).to.deep.include({ known: true, value: null });
  });

  for (const [what, text] of [
    ['nothing', ''],
    ['no date of expiry', '2272060800\t10\n'],
    ['a date that is no number', '#@\tsoon\n'],
    ['one that is cut off', '#@\t399159'],
    ['much too much', `#@\t3991593600\n${'#\n'.repeat(40_000)}`],
  ] as const) {
    it(`is unknown with ${what} in it`, () => {
      write(list, text);
      expect(read()).to.deep.include({ known: false, cause: 'leap-table-garbled', source: list });
    });
  }

  it('is unknown where it cannot be read', () => {
    mkdirSync(join(root.path, list));
    expect(read()).to.deep.equal({
      known: false,
      cause: 'leap-table-unreadable',
      reason: `${list} cannot be read (EISDIR)`,
      source: list,
    });
  });

  it('has the same date in both forms on this machine', function () {
    requireFact(this, existsSync(list) && existsSync(other), 'tzdata has not both tables here');
    const one = readLeapTable('/');
    if (!one.known || !one.value) throw new Error('not read');
    expect(one.value.path).to.equal(list);
    write(other, readFileSync(other, 'utf8'));
    const two = read();
    expect(two).to.have.nested.property('value.expiresAtSeconds', one.value.expiresAtSeconds);
  });
});
