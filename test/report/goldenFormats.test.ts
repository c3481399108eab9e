import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { summarise } from '../../src/cli/summary.js';
import { loadFormat } from '../../src/report/formats.js';
import type { Report } from '../../src/report/report.js';
import { richReport } from '../support/richReport.js';

const GOLDEN = join(import.meta.dirname, '..', 'golden', 'formats');
/** Run the tests with UPDATE_GOLDEN=1 to write the files anew, and read the difference. */
const FILES = {
  'report.txt': { format: 'text', verbose: false },
  'report.json': { format: 'json', verbose: false },
  'report.md': { format: 'markdown', verbose: false },
  'report-verbose.md': { format: 'markdown', verbose: true },
  'report.junit.xml': { format: 'junit', verbose: false },
  'report.sarif': { format: 'sarif', verbose: false },
} as const;
const TWO_HOSTS = {
  'two-hosts.md': 'markdown',
  'two-hosts.junit.xml': 'junit',
} as const;

function expectGolden(name: string, text: string): void {
  const path = join(GOLDEN, name);
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(path, text);
  expect(text).to.equal(readFileSync(path, 'utf8'));
}

describe('the forms of a report with everything in it', () => {
  let report: Report;

  before(async () => {
    report = await richReport();
  });

  for (const [name, { format, verbose }] of Object.entries(FILES)) {
    it(`are in ${name} as ${format}${verbose ? ' with --verbose' : ''}`, async () => {
      const { render } = await loadFormat(format);
      expectGolden(name, render([report], { colour: false, verbose }));
    });
  }

  for (const [name, format] of Object.entries(TWO_HOSTS)) {
    it(`are in ${name} for two hosts, one of them without a fault`, async () => {
      const { render } = await loadFormat(format);
      const other = { ...withoutFindings(report), run: { ...report.run, hostname: 'compute8' } };
      expectGolden(name, render([other, withoutFindings(report, 3)], { colour: false, verbose: false }));
    });
  }
});

/** A report with only the first findings of each thing, and nothing else to tell. */
function withoutFindings(report: Report, count = 0): Report {
  const judged = {
    host: report.host && { ...report.host, findings: report.host.findings.slice(0, count) },
    domains: report.domains.slice(0, count),
    problems: [],
  };
  return { ...report, ...judged, notes: [], summary: summarise(judged, 'warn') };
}
