import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { readClocksource } from '../../src/host/clocksource.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';

const path = '/sys/devices/system/clocksource/clocksource0/current_clocksource';

describe("the kernel's clocksource", () => {
  let root: ScratchDirectory;

  beforeEach(() => {
    root = scratchDirectory('root');
  });
  afterEach(() => root.remove());

  function write(files: Readonly<Record<string, string>>): void {
    const directory = join(root.path, 'sys/devices/system/clocksource/clocksource0');
    mkdirSync(directory, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  }

  it('is read as the kernel writes it, with a blank at the end', () => {
    write({ current_clocksource: 'tsc\n', available_clocksource: 'tsc hpet acpi_pm \n' });
    expect(readClocksource(root.path)).to.deep.equal({
      known: true,
      value: { current: 'tsc', available: ['tsc', 'hpet', 'acpi_pm'] },
      source: path,
    });
  });

  it('is unknown where /sys is not mounted', () => {
    expect(readClocksource(root.path)).to.deep.equal({
      known: false,
      cause: 'clocksource-unreadable',
      reason: `${path} cannot be read (ENOENT); is /sys mounted?`,
      source: path,
    });
  });

  it('is unknown when only one of its two files is there', () => {
    write({ current_clocksource: 'tsc\n' });
    expect(readClocksource(root.path)).to.deep.include({ known: false, cause: 'clocksource-unreadable' });
  });

  for (const garbled of ['', '\n', 'tsc hpet\n', 'tsc\u0000\n', '\u001b[31mtsc\n']) {
    it(`is unknown when it reads ${JSON.stringify(garbled)}`, () => {
      write({ current_clocksource: garbled, available_clocksource: 'tsc\n' });
      expect(readClocksource(root.path)).to.deep.include({ known: false, cause: 'clocksource-garbled' });
    });
  }
});
