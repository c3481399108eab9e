import { posix } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Report } from '../../src/report/report.js';
import { sarif } from '../../src/report/sarif.js';
import { pathUri, sarifMessage } from '../../src/report/sarifText.js';
import { HOSTILE_TEXTS, withTextFromElsewhere } from '../support/hostileReports.js';
import { requireFetched } from '../support/requirement.js';
import { richReport } from '../support/richReport.js';
import { missingSarifSchema, sarifComplaint } from '../support/sarifSchema.js';

interface Result {
  ruleId: string;
  ruleIndex: number;
  kind: string;
  level: string;
  message: { text: string };
  locations: {
    physicalLocation?: {
      artifactLocation: { uri: string; uriBaseId?: string };
      region: { startLine: number };
    };
    logicalLocations: { index: number; fullyQualifiedName: string }[];
  }[];
  partialFingerprints: Record<string, string>;
  suppressions?: { justification: string }[];
  properties: { outcome: string };
}
interface Run {
  tool: { driver: { rules: { id: string; helpUri?: string }[] } };
  automationDetails: { id: string };
  invocations: { exitCode: number; executionSuccessful: boolean; toolExecutionNotifications: unknown[] }[];
  results: Result[];
  logicalLocations: { fullyQualifiedName: string; parentIndex?: number; kind: string }[];
}

describe('the SARIF form', () => {
  let report: Report;

  const runs = (reports: readonly Report[], verbose = false): Run[] =>
    JSON.parse(sarif.render(reports, { colour: false, verbose })).runs;
  const runOf = (it: Report, verbose = false) => runs([it], verbose)[0] as Run;
  const resultOf = (run: Run, check: string, domain: string) =>
    run.results.find(
      ({ ruleId, locations: [location] }) =>
        ruleId === check && location?.logicalLocations[0]?.fullyQualifiedName.endsWith(`/${domain}/clock`),
    );

  before(async () => {
    report = await richReport();
  });

  it('fits the published schema, with one host and more, with everything and nothing', function () {
    requireFetched(this, missingSarifSchema());
    const empty = { ...report, host: null, domains: [], problems: [], notes: [], checks: [] };
    for (const reports of [[report], [report, report], [empty]]) {
      for (const verbose of [false, true]) {
        const text = sarif.render(reports, { colour: false, verbose });
        expect(sarifComplaint(JSON.parse(text))).to.equal(null);
      }
    }
    expect(sarifComplaint({ version: '2.1.0' })).to.contain('runs');
  });

  it('has results for what is wrong or could not be looked at, and for all with --verbose', () => {
    const { findings, waived, problems } = report.summary;
    const told = runOf(report).results;
    expect(told).to.have.length(findings.fail + findings.warn + findings.unknown + waived + problems);
    const all = Object.values(findings).reduce((sum, count) => sum + count, waived + problems);
    expect(runOf(report, true).results).to.have.length(all);
  });

  it('gives a level to failures and warnings only', () => {
    const kinds = new Map(
      runOf(report, true).results.map(({ kind, level, properties }) => [
        properties.outcome,
        `${kind} ${level}`,
      ]),
    );
    expect(Object.fromEntries(kinds)).to.deep.equal({
      fail: 'fail error',
      warn: 'fail warning',
      unknown: 'open none',
      info: 'informational none',
      pass: 'pass none',
      'not-applicable': 'notApplicable none',
    });
  });

  it('suppresses what is waived, with the reason', () => {
    const result = resultOf(runOf(report), 'domain/rtc-track', 'accepted');
    expect(result?.suppressions).to.deep.equal([
      {
        kind: 'external',
        status: 'accepted',
        justification: 'until 2026-01-31 by ops: rebuilt next week',
      },
    ]);
    expect(runOf(report).results.filter(({ suppressions }) => suppressions)).to.have.length(1);
  });

  it('leads from each result to its rule and to its things', () => {
    const run = runOf(report, true);
    for (const { ruleId, ruleIndex, locations } of run.results) {
      expect(run.tool.driver.rules[ruleIndex]?.id).to.equal(ruleId);
      const [reference] = locations[0]?.logicalLocations ?? [];
      expect(run.logicalLocations[reference?.index ?? -1]?.fullyQualifiedName).to.equal(
        reference?.fullyQualifiedName,
      );
    }
    const clock = run.logicalLocations.find((it) => it.fullyQualifiedName === 'qemu:///system/good/clock');
    const domain = run.logicalLocations[clock?.parentIndex ?? -1];
    expect(domain).to.include({ fullyQualifiedName: 'qemu:///system/good', kind: 'object' });
    expect(run.logicalLocations[domain?.parentIndex ?? -1]?.fullyQualifiedName).to.equal('qemu:///system');
  });

  it('names line and column in files, and none for what libvirt told', () => {
    const run = runOf(report);
    const inFile = resultOf(run, 'domain/rtc-track', 'on-disk')?.locations[0]?.physicalLocation;
    expect(inFile).to.deep.equal({
      artifactLocation: { uri: 'domains/on%20disk.xml', uriBaseId: '%SRCROOT%' },
      region: { startLine: 9, startColumn: 5 },
    });
    expect(resultOf(run, 'domain/rtc-track', 'guest-time')?.locations[0]).not.to.have.property(
      'physicalLocation',
    );
  });

  it('has a base for what is below it only, and no way up but at the beginning', () => {
    const [domain] = report.domains.filter(({ name }) => name === 'on-disk');
    if (!domain) throw new Error('the rich report is poor');
    const placeOf = (file: string) => {
      const findings = domain.findings.map((it) => ({
        ...it,
        ...(it.place && { place: { ...it.place, file } }),
      }));
      const run = runOf({ ...report, domains: [{ ...domain, findings }] });
      const { artifactLocation } =
        resultOf(run, 'domain/rtc-track', 'on-disk')?.locations[0]?.physicalLocation ?? {};
      return [artifactLocation?.uri, artifactLocation?.uriBaseId];
    };
    expect(placeOf('./a//b/../g.xml')).to.deep.equal(['a/g.xml', '%SRCROOT%']);
    expect(placeOf('..g.xml')).to.deep.equal(['..g.xml', '%SRCROOT%']);
    expect(placeOf('../g.xml')).to.deep.equal(['../g.xml', undefined]);
    expect(placeOf('a/../../g.xml')).to.deep.equal(['../g.xml', undefined]);
    expect(placeOf('/tmp/sub/../g.xml')).to.deep.equal(['file:///tmp/g.xml', undefined]);
  });

  it('tells copies of a definition from each other, and changes no other fingerprint for them', () => {
    const [copied, ...others] = report.domains.filter(({ uuid }) => uuid !== null);
    if (!copied || others.length === 0) throw new Error('the rich report is poor');
    const of = (...domains: Report['domains']) =>
      runOf({ ...report, host: null, problems: [], domains }, true).results.map(
        (result) => result.partialFingerprints['checkAndSubject/v1'],
      );
    const copies = ['a.xml', 'b.xml'].map((source) => ({ ...copied, source }));
    const all = of(...copies, ...others);
    expect(new Set(all).size).to.equal(all.length);
    expect(all.slice(-of(...others).length)).to.deep.equal(of(...others));
    // What one place has twice is one domain.
    expect(of(copied, copied)).to.deep.equal([...of(copied), ...of(copied)]);
  });

  it('has fingerprints that neither a name nor a line changes, and each only once', () => {
    const of = (it: Report) => runOf(it, true).results.map((result) => result.partialFingerprints);
    const moved = {
      ...report,
      domains: report.domains.map((domain) => ({
        ...domain,
        ...(domain.uuid && { name: 'renamed', source: 'qemu+ssh://elsewhere/system' }),
        findings: domain.findings.map((finding) => ({
          ...finding,
          ...(finding.place && { place: { ...finding.place, line: 99 } }),
        })),
      })),
    };
    expect(of(moved)).to.deep.equal(of(report));
    const all = of(report).map((it) => it['checkAndSubject/v1']);
    expect(new Set(all).size).to.equal(all.length);
  });

  it('has a result for what could not be read, beside the notification, which servers do not look at', () => {
    const { results, tool } = runOf({ ...report, host: null, domains: [] });
    expect(results.map(({ ruleId, kind, level }) => [ruleId, kind, level])).to.deep.equal(
      report.problems.map(() => ['problem', 'open', 'none']),
    );
    for (const [index, { ruleIndex, message, locations, properties }] of results.entries()) {
      const problem = report.problems[index];
      expect(tool.driver.rules[ruleIndex]?.id).to.equal('problem');
      expect(message.text).to.contain(problem?.reason);
      expect(properties).to.deep.equal({ code: problem?.cause, outcome: 'unknown' });
      expect(locations[0]?.logicalLocations[0]?.fullyQualifiedName).to.equal(problem?.target);
    }
    const again = runOf({ ...report, domains: [], problems: [...report.problems].reverse() });
    const known = new Set(again.results.map((result) => result.partialFingerprints['checkAndSubject/v1']));
    for (const { partialFingerprints } of results) {
      expect(known).to.include(partialFingerprints['checkAndSubject/v1']);
    }
  });

  it('of a run that failed has no results at all, rather than none that were found', function () {
    requireFetched(this, missingSarifSchema());
    for (const text of ['cannot read {0} [a](b)', ...HOSTILE_TEXTS]) {
      const failed = { messages: [text, 'and so on'], toolVersion: text, endedAtSeconds: 1_800_000_000.5 };
      const document = JSON.parse(sarif.renderFailure?.(failed) ?? '');
      expect(sarifComplaint(document)).to.equal(null);
      expect(document.runs).to.have.length(1);
      const [run] = document.runs;
      expect(run).to.not.have.property('results');
      const [{ toolExecutionNotifications: told, ...invocation }] = run.invocations;
      expect(invocation).to.deep.equal({
        ...{ endTimeUtc: '2027-01-15T08:00:00.500Z', exitCode: 3, executionSuccessful: false },
      });
      expect(told.map((it: { level: string; message: unknown }) => [it.level, it.message])).to.deep.equal([
        ['error', sarifMessage(text)],
        ['error', { text: 'and so on' }],
      ]);
    }
  });

  it('tells how the run went', () => {
    const [first, second] = runs([report, { ...report, problems: [], notes: [] }]);
    expect(first?.automationDetails.id).to.equal('virt-clock-audit/compute7/');
    expect(first?.invocations[0]).to.deep.include({ exitCode: 3, executionSuccessful: false });
    expect(first?.invocations[0]?.toolExecutionNotifications).to.have.length(3);
    expect(second?.invocations[0]).to.deep.include({ executionSuccessful: true });
    expect(second?.invocations[0]?.toolExecutionNotifications).to.deep.equal([]);
  });

  it('leads to pages on the web only', () => {
    const [check] = report.checks;
    if (!check) throw new Error('no check');
    for (const url of ['javascript:alert(1)', 'file:///etc/passwd', 'http://a> <b', 'nonsense', '']) {
      const checks = [{ ...check, references: [{ title: 't', url }] }];
      const [rule] = runOf({ ...report, checks, host: null, domains: [] }).tool.driver.rules;
      expect(rule, url).not.to.have.property('helpUri');
    }
  });

  for (const text of HOSTILE_TEXTS) {
    it(`fits the schema for ${JSON.stringify(text.slice(0, 30))}`, function () {
      requireFetched(this, missingSarifSchema());
      expectFit(text);
    });
  }

  it('fits the schema whatever it is told', function () {
    requireFetched(this, missingSarifSchema());
    const anything = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
    );
    fc.assert(fc.property(anything, expectFit), { numRuns: 20 });
  });

  function expectFit(text: string): void {
    const printed = sarif.render([withTextFromElsewhere(report, text)], { colour: false, verbose: false });
    expect(printed).not.to.match(/[^\n\P{Cc}]|[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    const document = JSON.parse(printed);
    expect(sarifComplaint(document)).to.equal(null);
    for (const { message } of document.runs[0].results) {
      expect(message.text).to.not.match(/(?<!\\)\]\(/);
      expect(message.text.replaceAll('{{', '').replaceAll('}}', '')).to.not.match(/\{\d/);
    }
  }
});

describe('a path as a URI', () => {
  it('stays a path to whoever parses it', () => {
    expect(pathUri('a b/ü.xml')).to.equal('a%20b/%C3%BC.xml');
    expect(pathUri('/etc/libvirt/qemu/web#1?.xml')).to.equal('file:///etc/libvirt/qemu/web%231%3F.xml');
    expect(pathUri('c:evil/%2e')).to.equal('c%3Aevil/%252e');
    expect(pathUri('\ud800')).to.equal('%EF%BF%BD');
    expect(pathUri('/tmp/x/sub/../g.xml')).to.equal('file:///tmp/x/g.xml');
    expect(pathUri('/../g.xml')).to.equal('file:///g.xml');
    expect(pathUri('./a/./b.xml')).to.equal('a/b.xml');
    expect(pathUri('../../g.xml')).to.equal('../../g.xml');
  });

  it('leads back to the path', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        const path = `/${name.replaceAll('\0', '')}`;
        const parts = pathUri(path).slice('file://'.length).split('/').map(decodeURIComponent);
        expect(parts.join('/')).to.equal(posix.normalize(path));
        expect(new URL(pathUri(path)).pathname.split('/')).to.not.include('..');
      }),
    );
  });
});

describe('a message of SARIF', () => {
  it('has neither links nor placeholders in it', () => {
    expect(sarifMessage('[a](b) {0}').text).to.equal('\\[a\\](b) {{0}}');
    expect(sarifMessage('list[0] is on').text).to.equal('list[0] is on');
    expect(sarifMessage('\u001b[31m').text).to.equal('\\u001b[31m');
  });
});
