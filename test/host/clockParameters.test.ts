import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { readClockParameters } from '../../src/host/clockParameters.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';

describe("the words about clocks on the kernel's command line", () => {
  let root: ScratchDirectory;

  beforeEach(() => {
    root = scratchDirectory('root');
    mkdirSync(join(root.path, 'proc'));
  });
  afterEach(() => root.remove());

  function read(text: string): readonly string[] {
    writeFileSync(join(root.path, 'proc/cmdline'), text);
    const fact = readClockParameters(root.path);
    if (!fact.known) throw new Error(fact.reason);
    expect(fact.source).to.equal('/proc/cmdline');
    return fact.value;
  }

  for (const [text, words] of [
    ['BOOT_IMAGE=/vmlinuz-6.1 root=/dev/sda1 ro quiet\n', []],
    ['', []],
    ['ro clocksource=hpet notsc quiet\n', ['clocksource=hpet', 'notsc']],
    ['clocksource=hpet clocksource=tsc', ['clocksource=hpet', 'clocksource=tsc']],
    ['tsc=reliable hpet=disable nohpet', ['tsc=reliable', 'hpet=disable', 'nohpet']],
    ['no-kvmclock no_kvmclock', ['no-kvmclock', 'no_kvmclock']],
    ['clocksource.verify_n_cpus=-1', ['clocksource.verify_n_cpus=-1']],
    ['xclocksource=hpet tscx=1 notscx', []],
    ['dyndbg="file tsc.c +p notsc " ro', []],
    ['"clocksource=acpi_pm" x="', ['clocksource=acpi_pm']],
    ['quiet -- clocksource=hpet notsc', []],
    ['tsc=reliable -- notsc', ['tsc=reliable']],
    ['a\tnotsc\tb', ['notsc']],
  ] as const) {
    it(`are ${JSON.stringify(words)} in ${JSON.stringify(text)}`, () => {
      expect(read(text)).to.deep.equal(words);
    });
  }

  it('are kept short', () => {
    const [word = ''] = read(`clocksource=${'x'.repeat(1000)}`);
    expect(word).to.have.length(201);
  });

  it('hold nothing else, such as a password', () => {
    expect(read('luks.key=secret tsc=nowatchdog password=secret')).to.deep.equal(['tsc=nowatchdog']);
  });

  it('are unknown without /proc', () => {
    expect(readClockParameters(root.path)).to.deep.equal({
      known: false,
      cause: 'cmdline-unreadable',
      reason: '/proc/cmdline cannot be read (ENOENT); is /proc mounted?',
      source: '/proc/cmdline',
    });
  });

  it('are unknown where the file is a directory or endless', () => {
    mkdirSync(join(root.path, 'proc/cmdline'));
    expect(readClockParameters(root.path)).to.deep.include({ known: false, cause: 'cmdline-unreadable' });
    const other = join(root.path, 'other');
    mkdirSync(join(other, 'proc'), { recursive: true });
    writeFileSync(join(other, 'proc/cmdline'), 'notsc '.repeat(20_000));
    expect(readClockParameters(other)).to.deep.include({ known: false, cause: 'cmdline-garbled' });
  });

  it('are read on this machine', () => expect(readClockParameters('/').known).to.equal(true));
});
