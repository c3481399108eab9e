import { expect } from 'chai';
import fc from 'fast-check';
import { markdown } from '../../src/report/markdown.js';
import { markdownCode, markdownRow, markdownText } from '../../src/report/markdownText.js';
import { printable } from '../../src/report/printable.js';
import type { Report } from '../../src/report/report.js';
import { HOSTILE_TEXTS, withTextFromElsewhere } from '../support/hostileReports.js';
import { richReport } from '../support/richReport.js';

/** The text in and outside of code, as CommonMark (6.1) finds it: a fence ends at the next row of as many backticks. */
function split(line: string): { code: string[]; prose: string } {
  const code: string[] = [];
  let prose = '';
  let rest = line;
  for (;;) {
    const [, before = '', fence] = /^([^`]*)(`+)?/.exec(rest) ?? [];
    prose += before;
    if (fence === undefined) return { code, prose };
    const behind = rest.slice(before.length + fence.length);
    const end = [...behind.matchAll(/`+/g)].find(([row]) => row.length === fence.length);
    if (!end) throw new Error(`a fence without an end in ${line}`);
    const text = behind.slice(0, end.index);
    code.push(/^ .* $/.test(text) && /[^ ]/.test(text) ? text.slice(1, -1) : text);
    prose += ' ';
    rest = behind.slice(end.index + fence.length);
  }
}

/** The cells of a row, as GitHub's extension of CommonMark finds them. */
function cellsOf(row: string): string[] {
  const inner = row.replace(/^\| /, '').replace(/ \|$/, '');
  return inner.split(/(?<!\\)\|/).map((cell) => cell.replaceAll('\\|', '|').trim());
}

const anything = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.constantFrom(...'`|\\ <>&*_[]()#@!$~:/.-+=ab1\n\t\u001b'.split(''), 'www.', '://'))
    .map((it) => it.join('')),
);

describe('text for Markdown', () => {
  const MARKUP = /[`<>&*~[\]|\\#@${}^]|:\/\/|www\.|(^|\W)_|_(\W|$)|[!%]\w/i;

  it('leaves plain words as they are', () => {
    const plain = "hpet on x86_64, at /etc/adjtime: timer rtc track='guest' (clock=vm), 50 % of -12.3; why?";
    expect(markdownText(plain)).to.equal(plain);
  });

  it('shows an element as one piece of code', () => {
    expect(markdownText("say <timer name='hpet' present='no'/> there")).to.equal(
      "say `<timer name='hpet' present='no'/>` there",
    );
  });

  it('has nothing outside of code that could be markup, and loses nothing', () => {
    const expectSafe = (text: string) => {
      const { prose, code } = split(markdownText(text));
      expect(prose).to.not.match(MARKUP);
      const words = (it: string) => it.split(' ').filter(Boolean).sort().join(' ');
      expect(words(`${prose} ${code.join(' ')}`)).to.equal(words(printable(text)));
    };
    for (const text of HOSTILE_TEXTS) expectSafe(text);
    fc.assert(fc.property(anything, expectSafe), { numRuns: 500 });
  });

  it('is code as a whole where that is asked for', () => {
    const expectCode = (text: string) => {
      const { prose, code } = split(markdownCode(text));
      expect(prose.trim()).to.equal('');
      expect(code.join('')).to.equal(printable(text));
    };
    for (const text of HOSTILE_TEXTS.filter(Boolean)) expectCode(text);
    for (const text of [' ', '  ', ' a ', ' a', '  a  ', '`', ' `']) expectCode(text);
    fc.assert(fc.property(anything, expectCode), { numRuns: 500 });
  });

  it('stays in its cell', () => {
    const expectCells = (left: string, right: string) => {
      const cells = cellsOf(markdownRow(markdownCode(left), markdownText(right)));
      expect(cells).to.have.length(2);
    };
    for (const text of HOSTILE_TEXTS) expectCells(text, text);
    fc.assert(fc.property(anything, anything, expectCells), { numRuns: 500 });
    expect(markdownRow(markdownCode('a|b'), markdownCode('a\\|b'))).to.equal('| `a\\|b` | `a\\\\u{7c}b` |');
  });
});

describe('the Markdown form', () => {
  let report: Report;

  before(async () => {
    report = await richReport();
  });

  it('has the same lines and cells whatever the texts from elsewhere are', () => {
    const shape = (text: string) => {
      const lines = markdown
        .render([withTextFromElsewhere(report, text)], { colour: false, verbose: true })
        .split('\n');
      return lines.map((line) =>
        line.startsWith('|') ? `row of ${cellsOf(line).length}` : /^(#* |- | {2}- |)/.exec(line)?.[0],
      );
    };
    const plain = shape('word');
    for (const text of HOSTILE_TEXTS.filter(Boolean))
      expect(shape(text), JSON.stringify(text)).to.deep.equal(plain);
    fc.assert(
      fc.property(anything, (text) => {
        expect(shape(`x${text}`)).to.deep.equal(plain);
      }),
      { numRuns: 15 },
    );
  });

  it('puts failures first', () => {
    const text = markdown.render([report], { colour: false, verbose: false });
    const rows = [...text.matchAll(/^\| \*\*(\w+)\*\* \| (?:host|domain)/gm)].map(([, outcome]) => outcome);
    expect(rows).to.deep.equal(
      ['fail', 'unknown', 'warn'].flatMap((outcome) => rows.filter((it) => it === outcome)),
    );
    expect(rows.filter((it) => it === 'fail')).to.have.length(3);
  });
});
