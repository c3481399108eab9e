import { expect } from 'chai';
import fc from 'fast-check';
import { readDefinition } from '../../src/domxml/definition.js';
import { timeArguments } from '../../src/domxml/qemuArgument.js';
import { XmlError } from '../../src/domxml/xmlError.js';
import { clockWords } from '../../src/facts/qemuOptions.js';
import { domains } from '../support/clockGrammar.js';
import { optionWords, rtcKeys } from '../support/commandlineGrammar.js';
import { element } from '../support/xmlGrammar.js';

/** Other cases with CLOCK_GRAMMAR_SEED=N, the same ones without. */
const seed = Number(process.env.CLOCK_GRAMMAR_SEED ?? 20261122);
const words = fc.array(optionWords, { maxLength: 5 }).map((options) => options.flat());

function effective(args: readonly string[]) {
  const inside = args.map((value) => element('arg', { value })).join('');
  const xml = `<domain type='kvm'><name>n</name><os><type arch='x86_64' machine='q35'>hvm</type></os>
    <commandline xmlns='http://libvirt.org/schemas/domain/qemu/1.0'>${inside}</commandline></domain>`;
  const { qemuArgs, overrides, ...effect } = readDefinition(xml, null).effectiveClock;
  return effect;
}

/** Throws whatever is no XmlError. */
function readOrRefuse(text: string): void {
  try {
    readDefinition(text, null);
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
  }
}

describe(`properties of the clock model (CLOCK_GRAMMAR_SEED=${seed})`, () => {
  it('a document is read, or refused with its place, whatever it holds', () => {
    const cut = fc.tuple(
      domains(true),
      fc.nat(2000),
      fc.nat(40),
      fc.string({ unit: 'binary', maxLength: 8 }),
    );
    fc.assert(
      fc.property(cut, ([xml, at, length, between]) =>
        readOrRefuse(xml.slice(0, at) + between + xml.slice(at + length)),
      ),
      { seed, numRuns: 500 },
    );
    fc.assert(fc.property(fc.string({ unit: 'binary' }), readOrRefuse), { seed, numRuns: 500 });
  });

  it('what is kept of a command line decides the same as the whole', () => {
    fc.assert(
      fc.property(words, (argv) => {
        const kept = clockWords(argv);
        expect(timeArguments(kept, '')).to.deep.equal(timeArguments(argv, ''));
        expect(clockWords(kept)).to.deep.equal(kept);
      }),
      { seed, numRuns: 500 },
    );
  });

  it('the keys of one -rtc do as much in several', () => {
    fc.assert(
      fc.property(rtcKeys, (keys) => {
        const separate = keys.flatMap((key) => ['-rtc', key]);
        expect(effective(separate)).to.deep.equal(effective(['-rtc', keys.join(',')]));
      }),
      { seed, numRuns: 200 },
    );
  });

  it('an option that is said twice in a row does no more than once', () => {
    fc.assert(
      fc.property(words, optionWords, words, (before, option, after) => {
        const once = effective([...before, ...option, ...after]);
        expect(effective([...before, ...option, ...option, ...after])).to.deep.equal(once);
      }),
      { seed, numRuns: 300 },
    );
  });
});
