import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { readKvmParameters } from '../../src/host/kvmParameters.js';
import { requireFact } from '../support/requirement.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';

const directory = '/sys/module/kvm/parameters';

describe("the kvm module's parameters", () => {
  let root: ScratchDirectory;

  beforeEach(() => {
    root = scratchDirectory('root');
  });
  afterEach(() => root.remove());

  function write(files: Readonly<Record<string, string>>): void {
    mkdirSync(join(root.path, directory), { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(root.path, directory, name), text);
  }
  const read = () => readKvmParameters(root.path);

  for (const [written, value] of [
    ['Y\n', true],
    ['N\n', false],
  ] as const) {
    it(`are read as the kernel writes them, ${JSON.stringify(written)} among them`, () => {
      write({ kvmclock_periodic_sync: written, tsc_tolerance_ppm: '250\n' });
      expect(read()).to.deep.equal({
        known: true,
        value: { kvmclockPeriodicSync: value, tscTolerancePpm: 250 },
        source: directory,
      });
    });
  }

  it('are null one by one where the kernel does not have them', () => {
    write({ tsc_tolerance_ppm: '0\n' });
    expect(read()).to.deep.include({ value: { kvmclockPeriodicSync: null, tscTolerancePpm: 0 } });
    expect(readKvmParameters(join(root.path, 'elsewhere'))).to.deep.include({
      value: { kvmclockPeriodicSync: null, tscTolerancePpm: null },
    });
  });

  for (const [name, text] of [
    ['kvmclock_periodic_sync', 'yes\n'],
    ['kvmclock_periodic_sync', ''],
    ['tsc_tolerance_ppm', '-1\n'],
    ['tsc_tolerance_ppm', '99999999999\n'],
  ] as const) {
    it(`are unknown when ${name} holds ${JSON.stringify(text)}`, () => {
      write({ [name]: text });
      const cause = 'kvm-parameter-garbled';
      expect(read()).to.deep.include({ known: false, cause, source: `${directory}/${name}` });
    });
  }

  it('are unknown when one cannot be read', () => {
    mkdirSync(join(root.path, directory, 'tsc_tolerance_ppm'), { recursive: true });
    expect(read()).to.deep.include({
      known: false,
      cause: 'kvm-parameter-unreadable',
      reason: `${directory}/tsc_tolerance_ppm cannot be read (EISDIR)`,
    });
  });

  it('are read on this machine', function () {
    requireFact(this, existsSync(`${directory}/tsc_tolerance_ppm`), 'kvm is not loaded');
    const fact = readKvmParameters('/');
    expect(fact.known && fact.value.tscTolerancePpm).to.be.a('number');
  });
});
