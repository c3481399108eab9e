import { mkdirSync, writeFileSync } from 'node:fs';
import { machine } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readTscFlags } from '../../src/host/tscFlags.js';
import { requireFact } from '../support/requirement.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';

describe("what the CPUs say of the host's TSC", () => {
  let root: ScratchDirectory;

  beforeEach(() => {
    root = scratchDirectory('root');
    mkdirSync(join(root.path, 'proc'));
  });
  afterEach(() => root.remove());

  const write = (text: string) => writeFileSync(join(root.path, 'proc/cpuinfo'), text);
  const processor = (number: number, flags: string) =>
    `processor\t: ${number}\nvendor_id\t: GenuineIntel\nflags\t\t: ${flags}\nvmx flags\t: tsc_offset\nbugs\t\t:\n\n`;
  const read = () => readTscFlags(root.path, 'x86_64');

  for (const [flags, value] of [
    ['fpu constant_tsc nonstop_tsc', { constant: true, nonstop: true }],
    ['fpu tsc constant_tsc rep_good', { constant: true, nonstop: false }],
    ['nonstop_tsc fpu', { constant: false, nonstop: true }],
    ['fpu tsc tsc_reliable nonstop_tsc_s3 xconstant_tsc', { constant: false, nonstop: false }],
  ] as const) {
    it(`is ${JSON.stringify(value)} with ${flags}`, () => {
      write(processor(0, flags));
      expect(read()).to.deep.equal({ known: true, value, source: '/proc/cpuinfo' });
    });
  }

  it('is what the first CPU says, whatever comes behind it', () => {
    write(processor(0, 'tsc') + processor(1, 'constant_tsc nonstop_tsc').repeat(200));
    expect(read()).to.deep.include({ value: { constant: false, nonstop: false } });
    write(`processor\t: 0\nmodel\t: 1\n\n${processor(1, 'constant_tsc nonstop_tsc')}`);
    expect(read()).to.deep.include({ known: false, cause: 'cpuinfo-garbled' });
  });

  for (const arch of ['aarch64', 's390x', 'ppc64le', 'riscv64']) {
    it(`is not asked on ${arch}`, () => {
      expect(readTscFlags(root.path, arch)).to.deep.equal({ known: true, value: null, source: 'uname -m' });
    });
  }

  it('is asked on 32-bit x86 too', () => {
    write(processor(0, 'constant_tsc'));
    expect(readTscFlags(root.path, 'i686')).to.deep.include({ value: { constant: true, nonstop: false } });
  });

  it('is unknown without /proc', () => {
    expect(read()).to.deep.equal({
      known: false,
      cause: 'cpuinfo-unreadable',
      reason: '/proc/cpuinfo cannot be read (ENOENT); is /proc mounted?',
      source: '/proc/cpuinfo',
    });
  });

  it('is unknown where the file holds something else', () => {
    for (const text of ['', '\n\n', `x${'y'.repeat(100_000)}`]) {
      write(text);
      expect(read()).to.deep.include({ known: false, cause: 'cpuinfo-garbled' });
    }
  });

  it('is read on this machine', function () {
    requireFact(this, /^(x86_64|i686)$/.test(machine()), 'not an x86 machine');
    expect(readTscFlags('/', machine()).known).to.equal(true);
  });
});
