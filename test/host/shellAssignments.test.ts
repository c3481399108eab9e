import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { shellAssignments } from '../../src/host/shellAssignments.js';
import { scratchDirectory } from '../support/scratch.js';

/** Files of assignments and nothing else, and what A and B are afterwards; sh has to agree. */
const plain: readonly [string, { A?: string; B?: string }][] = [
  ['', {}],
  ['A=start', { A: 'start' }],
  ['A=start\n', { A: 'start' }],
  ['#A=start\n  # B=1\nA=ignore # A=start\n', { A: 'ignore' }],
  ['A=one\nA=two\n', { A: 'two' }],
  ['A=one B=two\n', { A: 'one', B: 'two' }],
  ['A=one; B=two;\n', { A: 'one', B: 'two' }],
  ['  export A=one\n\texport\tB=two\n', { A: 'one', B: 'two' }],
  ['A="start"\nB=\'suspend\'\n', { A: 'start', B: 'suspend' }],
  [
    'A="with # and ; and \'"\nB=\'with " and $A and `\'\n',
    { A: "with # and ; and '", B: 'with " and $A and `' },
  ],
  ['A=s"ta"r\'t\'\n', { A: 'start' }],
  ['A=a\\ b\\"\\$\nB="a\\"\\$\\b"\n', { A: 'a b"$', B: 'a"$\\b' }],
  ['A=\nB=""\n', { A: '', B: '' }],
  ['A=a#b\nB=#c\n', { A: 'a#b', B: '#c' }],
  ['A="one\ntwo"\nB=one\\\ntwo\n', { A: 'one\ntwo', B: 'onetwo' }],
  ['A=start\r\n', { A: 'start\r' }],
  ["A='default xen:///system lxc:///system'\nB=0\n", { A: 'default xen:///system lxc:///system', B: '0' }],
];

describe('shell assignments', () => {
  const scratch = scratchDirectory('shell');
  after(() => scratch.remove());

  for (const [text, expected] of plain) {
    it(`are read from ${JSON.stringify(text)} as sh reads them`, () => {
      const { values, otherLine } = shellAssignments(text);
      expect({ ...Object.fromEntries(values), otherLine }).to.deep.equal({ ...expected, otherLine: null });
      const file = join(scratch.path, 'settings');
      writeFileSync(file, text);
      const script = `. "$0"; printf "%s|%s." "\${A-unset}" "\${B-unset}"`;
      const said = execFileSync('/bin/sh', ['-c', script, file], { encoding: 'utf8', env: {} });
      expect(said).to.equal(`${expected.A ?? 'unset'}|${expected.B ?? 'unset'}.`);
    });
  }

  for (const text of [
    'A=$B',
    `A=\${B}`,
    'A="$B"',
    'A="`id`"',
    'A="$(id)"',
    `A="\${B:-start}"`,
    "A=$'start'",
    'A=~',
    'A=x$B',
  ]) {
    it(`know that ${text} takes a shell`, () => {
      expect(shellAssignments(`${text}\nC=1\n`)).to.deep.equal({
        values: new Map([
          ['A', null],
          ['C', '1'],
        ]),
        otherLine: null,
      });
    });
  }

  for (const text of [
    'if true; then A=start; fi',
    '. /etc/other',
    'A=start command',
    'A=(one two)',
    'A=$(id)',
    'A=`id`',
    'A=one&',
    'A=one|two',
    'A+=one',
    '1A=one',
    'A="never closed',
    "A='never closed",
    '[section]',
    ';',
    'A=one;;',
    'readonly A=one',
  ]) {
    it(`stop at ${text}, and say where`, () => {
      const { otherLine } = shellAssignments(`# settings\nB=1\n\n${text}\nA=start\n`);
      expect(otherLine).to.equal(4);
    });
  }

  it('take no longer for a file that is made to take long', () => {
    const start = performance.now();
    for (const text of [
      'A="'.padEnd(65_536, '\\'),
      `A=${'"x"'.repeat(20_000)}`,
      'A=1;'.repeat(16_000),
      '#\n'.repeat(32_000),
    ]) {
      shellAssignments(text);
    }
    expect(performance.now() - start).to.be.below(2000);
  });
});
