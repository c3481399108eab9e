import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'chai';
import { judge } from '../../src/cli/judge.js';
import { compare } from '../../src/cli/scheduled/comparison.js';
import { loadFacts, saveFacts } from '../../src/facts/store.js';
import { junit } from '../../src/report/junit.js';
import type { Report } from '../../src/report/report.js';
import { sarif } from '../../src/report/sarif.js';
import { readReports } from '../../src/report/savedReport.js';
import { renderText } from '../../src/report/text.js';
import { scheduledReport, type WantedReport } from '../cli/scheduled/scheduledReports.js';
import { policyOf } from '../support/policies.js';
import { richFacts } from '../support/richReport.js';

const plain = { colour: false, verbose: false };

/** A clone that calls itself as the others do, as `--ssh` reports it. */
function clone(target: string, wanted: WantedReport): Report {
  const report = scheduledReport({
    hostname: 'localhost',
    sources: [`qemu:///system on ${target}`],
    ...wanted,
  });
  return { ...report, run: { ...report.run, target } };
}

describe('hosts that call themselves alike', () => {
  const reports: Report[] = [];
  before(async () => {
    const policy = await policyOf('');
    for (const target of ['root@one', 'two']) {
      const facts = loadFacts(saveFacts({ ...richFacts(), hostname: 'localhost', target }));
      reports.push(judge(facts, 'warn', policy));
    }
  });

  it('do not hide that one of them gets worse', () => {
    const well: WantedReport = { host: ['pass host/clocksource tsc'], domains: { 'web=u1': [] } };
    const bad: WantedReport = {
      host: ['fail host/clocksource hpet'],
      domains: { 'web=u1': ['fail domain/rtc-track guest'] },
    };
    const first = compare(null, [clone('one', bad), clone('two', well)], 'warn');
    const second = compare(first.entries, [clone('one', bad), clone('two', bad)], 'warn');
    expect(second.appeared.map(({ host, check }) => `${check} ${host}`)).to.deep.equal([
      'host/clocksource two',
      'domain/rtc-track two',
    ]);
    const third = compare(second.entries, [clone('one', well), clone('two', bad)], 'warn');
    expect(third.appeared).to.deep.equal([]);
    expect(third.gone.map(({ host }) => host)).to.deep.equal(['one', 'one']);
    // One that cannot be reached is still the same host, and no other one.
    const away = { hostname: 'two', host: null, sources: [], problems: ['two ssh-refused'] };
    const fourth = compare(second.entries, [clone('one', well), clone('two', away)], 'warn');
    expect(fourth.gone.map(({ host }) => host)).to.deep.equal(['one', 'one']);
    expect(fourth.appeared.map(({ host, code }) => `${host} ${code}`)).to.deep.equal(['two ssh-refused']);
    const waived = { ...bad, waived: ['host/clocksource', 'domain/rtc-track'] };
    const fifth = compare(second.entries, [clone('one', waived), clone('two', well)], 'warn');
    expect(fifth.gone.map(({ host }) => host)).to.deep.equal(['two', 'two']);
  });

  it('keep the name that they were asked by in facts and in saved reports', () => {
    expect(reports.map(({ run: { hostname, target } }) => [hostname, target])).to.deep.equal([
      ['localhost', 'root@one'],
      ['localhost', 'two'],
    ]);
    const ajv = new Ajv2020({ strict: true, strictRequired: false });
    addFormats.default(ajv);
    const schema = join(import.meta.dirname, '..', '..', 'schema', 'report.schema.json');
    const validate = ajv.compile(JSON.parse(readFileSync(schema, 'utf8')));
    for (const report of reports) {
      expect(validate(report), JSON.stringify(validate.errors?.slice(0, 3))).to.equal(true);
      expect(readReports(JSON.stringify(report))[0]?.run).to.deep.equal(report.run);
    }
    const damaged = JSON.stringify({ ...richFacts(), target: 7 });
    expect(() => loadFacts(damaged)).to.throw('target');
  });

  it('are told apart in SARIF', () => {
    const { runs } = JSON.parse(sarif.render(reports, plain));
    expect(runs.map((run: { automationDetails: unknown }) => run.automationDetails)).to.deep.equal([
      { id: 'virt-clock-audit/root%40one/' },
      { id: 'virt-clock-audit/two/' },
    ]);
    const marks = (run: { results: { ruleId: string; partialFingerprints: object }[] }, rule: RegExp) =>
      run.results
        .filter(({ ruleId }) => rule.test(ruleId))
        .map(({ partialFingerprints }) => JSON.stringify(partialFingerprints));
    for (const rule of [/^host\//, /^problem$/]) {
      const [one, two] = runs.map((run: Parameters<typeof marks>[0]) => marks(run, rule));
      expect(one).not.to.deep.equal([]);
      expect(one.filter((it: string) => two.includes(it))).to.deep.equal([]);
    }
  });

  it('are told apart in JUnit, by their suites and by the cases of the host', () => {
    const xml = junit.render(reports, plain);
    const suites = [...xml.matchAll(/<testsuite name="([^"]*)"/g)].map(([, name]) => name);
    expect(suites).to.include.members(['root@one host', 'two host', 'root@one domains', 'two problems']);
    expect(new Set(suites).size).to.equal(suites.length);
    const cases = [...xml.matchAll(/<testcase (classname="host\/[^"]*" name="[^"]*")/g)].map(([, it]) => it);
    expect(new Set(cases).size).to.equal(cases.length).and.above(2);
  });

  it('are shown to people with the name that they were asked by', () => {
    const [first, second] = reports.map((report) => renderText(report, plain).split('\n')[0]);
    expect(first).to.contain(' | localhost (root@one) | ');
    expect(second).to.contain(' | localhost (two) | ');
    const [report] = reports as [Report];
    const alike = { ...report, run: { ...report.run, hostname: 'two', target: 'two' } };
    expect(renderText(alike, plain)).to.contain(' | two | ');
  });
});
