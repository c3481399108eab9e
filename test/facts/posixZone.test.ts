import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { isPosixZone } from '../../src/facts/posixZone.js';
import { requireCommand } from '../support/requirement.js';

const RULES = [
  'CET-1CEST,M3.5.0,M10.5.0/3',
  '<+0330>-3:30',
  'EST5EDT4,M3.2.0/2,M11.1.0/2',
  'ABC+5:30:15',
  'EST5<EDT>',
];
const NONE = [
  'UTC+5h',
  'GMT+2 Berlin',
  'Europe1/Paris',
  'EST5:',
  'zone1970.tab',
  'EST5E',
  'AB5',
  '<A1>5',
  'ABC',
  'ABC5 ',
];

/** What the C library makes of it, in winter and in summer. */
function offsets(tz: string): string[] {
  return ['2026-01-15', '2026-07-15'].map((day) =>
    execFileSync('date', ['-d', day, '+%z'], {
      env: { TZ: tz, PATH: process.env.PATH },
      encoding: 'utf8',
    }).trim(),
  );
}

describe('a time zone that is a rule of its own', () => {
  before(function () {
    requireCommand(this, 'date');
  });

  for (const rule of RULES) {
    it(`${rule}, as the C library has it`, () => {
      expect(isPosixZone(rule)).to.equal(true);
      expect(offsets(rule)).to.not.deep.equal(['+0000', '+0000']);
    });
  }

  for (const value of NONE) {
    it(`is not ${value}, which is UTC to the C library`, () => {
      expect(isPosixZone(value)).to.equal(false);
      expect(offsets(value)).to.deep.equal(['+0000', '+0000']);
    });
  }
});
