import { expect } from 'chai';
import fc from 'fast-check';
import { FORMAT_NAMES, loadFormat } from '../../src/report/formats.js';
import { json } from '../../src/report/json.js';
import type { Report } from '../../src/report/report.js';
import { ReportUnreadable, readReports } from '../../src/report/savedReport.js';
import { richReport } from '../support/richReport.js';

const options = { colour: false, verbose: true };

/** What is wrong about a text that holds no reports. */
function complaint(text: string): string {
  try {
    readReports(text);
  } catch (error) {
    if (error instanceof ReportUnreadable) return error.message;
    throw error;
  }
  throw new Error('it was read');
}

describe('a saved report', () => {
  let report: Report;
  let text: string;

  before(async () => {
    report = await richReport();
    text = json.render([report], options);
  });

  it('is the same report, in every form', async () => {
    for (const name of FORMAT_NAMES) {
      const { render } = await loadFormat(name);
      // A lone surrogate cannot be in UTF-8 either, but JSON has a spelling for it.
      expect(render(readReports(text), options), name).to.equal(render([report], options));
    }
  });

  it('may be a list of several hosts', () => {
    const other = { ...report, run: { ...report.run, hostname: 'compute8' } };
    const list = readReports(json.render([report, other], options));
    expect(list.map(({ run }) => run.hostname)).to.deep.equal(['compute7', 'compute8']);
    expect(json.render(list, options)).to.equal(json.render([report, other], options));
  });

  it('may be of an earlier or a later minor version', () => {
    const older = JSON.stringify({ ...report, schemaVersion: '1.0' });
    expect(readReports(older)[0]?.schemaVersion).to.equal('1.1');
    const newer = JSON.stringify({ ...report, schemaVersion: '1.12', later: { member: 1 } });
    expect(readReports(newer)[0]).to.deep.include({ schemaVersion: '1.12', later: { member: 1 } });
    expect(readReports(`\uFEFF${text}`)).to.have.length(1);
  });

  it('is not of another major version', () => {
    const words = /^was written in version 2\.0 of the report's schema, .*use a newer virt-clock-audit$/;
    expect(complaint(JSON.stringify({ ...report, schemaVersion: '2.0' }))).to.match(words);
    const list = { schema: 'virt-clock-audit/reports', schemaVersion: '2.0', reports: [] };
    expect(complaint(JSON.stringify(list))).to.match(words);
    for (const version of ['', '1', 'x', '1.1.1', 1, null, undefined]) {
      const document = JSON.stringify({ ...report, schemaVersion: version });
      expect(complaint(document), String(version)).to.match(/schemaVersion is no version/);
    }
  });

  for (const [what, broken, words] of [
    ['nothing', '', /^is no JSON: it is empty$/],
    ['half a report', '{"schema": "virt-clock-audit/report",', /^is no JSON: /],
    ['another document', '{"schema":"virt-clock-audit/probe"}', /but a document of virt-clock-audit\/probe$/],
    ['a list', '[]', /the document is no object$/],
    ['null', 'null', /the document is no object$/],
    ['an empty object', '{}', /schemaVersion is no version/],
    ['facts', '{"schemaVersion":"1.0","toolVersion":"0.1.0"}', /^holds facts, .*; audit --from reads facts$/],
    [
      'an empty list',
      '{"schema":"virt-clock-audit/reports","schemaVersion":"1.0","reports":[]}',
      /the list is empty$/,
    ],
    [
      'a list of nothing',
      '{"schema":"virt-clock-audit/reports","schemaVersion":"1.0","reports":[3]}',
      /reports\[0\] is no object$/,
    ],
    [
      'a list without a list',
      '{"schema":"virt-clock-audit/reports","schemaVersion":"1.0","reports":{}}',
      /reports is no list$/,
    ],
    ['a deep document', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, /nested too deeply$/],
  ] as const) {
    it(`is not ${what}`, () => {
      expect(complaint(broken)).to.match(words);
    });
  }

  for (const [what, path, value, words] of [
    ['a check that is not listed', 'domains.0.findings.0.check', 'domain/else', /not among checks$/],
    ['an id that is none', 'checks.0.id', 'a"b', /the id of a check is none$/],
    ['one id twice', 'checks.0.id', 'host/chrony-sources', /two checks have the same id$/],
    ['a code that is none', 'host.findings.0.code', 'a b', /the code of a finding of .* is none$/],
    ['a cause that is none', 'problems.0.cause', '\n', /the cause of a problem is none$/],
    ['a line below nothing', 'problems.0.line', -1, /line or column of a problem is none$/],
    ['half a line', 'problems.0.line', 1.5, /line or column of a problem is none$/],
    ['a place before the first line', 'domains.3.findings.0.place.line', 0, /a place of .* is none$/],
    ['no time', 'run.collectedAt', 'yesterday', /collectedAt is no time in UTC$/],
    ['a month too many', 'run.collectedAt', '2026-13-01T00:00:00Z', /collectedAt is no time in UTC$/],
    ['an outcome too many', 'host.findings.0.outcome', 'bad', /host\.findings\[0\]\.outcome is none of/],
    ['a fact of another kind', 'host.facts.chrony', 3, /host\.facts\.chrony is no object$/],
    ['half a clock', 'domains.0.effectiveClock.rtc', {}, /effectiveClock\.rtc\.present is no boolean$/],
  ] as const) {
    it(`has nothing with ${what}`, () => {
      const document = JSON.parse(text);
      const names = path.split('.');
      const last = names.pop() ?? '';
      const place = names.reduce((inside, name) => inside[name], document);
      place[last] = value;
      expect(complaint(JSON.stringify(document))).to.match(words);
    });
  }

  it('is refused or rendered in each form, whatever is changed about it', async () => {
    const forms = await Promise.all(FORMAT_NAMES.map(loadFormat));
    const values = fc.constantFrom<unknown>(
      undefined,
      null,
      0,
      -1,
      1e300,
      '',
      'x',
      '\ud800',
      true,
      [],
      {},
      [{}],
      [''],
    );
    let refused = 0;
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 6 }), values, (steps, value) => {
        const document = JSON.parse(text);
        let place = document;
        for (const step of steps.slice(0, -1)) {
          const inside = Object.values(place).filter((it) => typeof it === 'object' && it !== null);
          if (inside.length > 0) place = inside[step % inside.length];
        }
        const names = Object.keys(place);
        if (names.length > 0) place[names[(steps.at(-1) ?? 0) % names.length] as string] = value;
        let reports: readonly Report[];
        try {
          reports = readReports(JSON.stringify(document));
        } catch (error) {
          expect(error).to.be.instanceOf(ReportUnreadable);
          refused++;
          return;
        }
        for (const { render } of forms) expect(render(reports, options)).to.be.a('string');
      }),
      { numRuns: 300 },
    );
    expect(refused).to.be.within(50, 299);
  });
});
