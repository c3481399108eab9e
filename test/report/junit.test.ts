import { expect } from 'chai';
import fc from 'fast-check';
import { XMLParser } from 'fast-xml-parser';
import { SaxesParser } from 'saxes';
import { junit } from '../../src/report/junit.js';
import { printable } from '../../src/report/printable.js';
import type { Report } from '../../src/report/report.js';
import { xmlText } from '../../src/report/xmlText.js';
import { HOSTILE_TEXTS, withTextFromElsewhere } from '../support/hostileReports.js';
import { requireCommand } from '../support/requirement.js';
import { richReport } from '../support/richReport.js';
import { runProcess } from '../support/runTool.js';

interface ParsedCase {
  classname: string;
  name: string;
  result: string | null;
  attributes: Record<string, string>;
  text: string;
}
interface ParsedSuite {
  attributes: Record<string, string>;
  cases: ParsedCase[];
}

const RESULTS = ['failure', 'error', 'skipped', 'system-out'];

/** Reads it back with a strict parser; whatever is not where it belongs throws. */
function parse(xml: string): { attributes: Record<string, string>; suites: ParsedSuite[] } {
  const parser = new SaxesParser();
  const path: string[] = [];
  let attributes: Record<string, string> = {};
  const suites: ParsedSuite[] = [];
  const lastCase = () => suites.at(-1)?.cases.at(-1) as ParsedCase;
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes: own }) => {
    const parent = path.at(-1) ?? '';
    path.push(name);
    if (name === 'testsuites' && parent === '') attributes = own;
    else if (name === 'testsuite' && parent === 'testsuites') suites.push({ attributes: own, cases: [] });
    else if (name === 'testcase' && parent === 'testsuite') {
      const { classname = '', name: called = '' } = own;
      suites.at(-1)?.cases.push({ classname, name: called, result: null, attributes: {}, text: '' });
    } else if (RESULTS.includes(name) && parent === 'testcase') {
      Object.assign(lastCase(), { result: name, attributes: own });
    } else if (!['properties', 'property'].includes(name)) throw new Error(`<${name}> in <${parent}>`);
  });
  parser.on('text', (text) => {
    if (RESULTS.includes(path.at(-1) ?? '')) lastCase().text += text;
    else if (text.trim() !== '') throw new Error(`text outside: ${text}`);
  });
  parser.on('closetag', () => path.pop());
  parser.write(xml).close();
  return { attributes, suites };
}

describe('the JUnit form', () => {
  const plain = { colour: false, verbose: false };
  let report: Report;

  before(async () => {
    report = await richReport();
  });

  it('has a suite for each part of each host, and a case for each finding and problem', () => {
    const { attributes, suites } = parse(junit.render([report, report], plain));
    const names = ['compute7 host', 'compute7 domains', 'compute7 problems'];
    expect(suites.map((suite) => suite.attributes.name)).to.deep.equal([...names, ...names]);
    const findings = Object.values(report.summary.findings).reduce((sum, count) => sum + count, 0);
    const all = findings + report.summary.waived + report.problems.length;
    expect(suites.slice(0, 3).flatMap(({ cases }) => cases)).to.have.length(all);
    expect(attributes.tests).to.equal(String(2 * all));
    for (const { attributes: own } of suites) {
      expect(own).to.deep.include({ timestamp: '2026-01-02T03:04:05', hostname: 'compute7' });
    }
  });

  it('of a run that failed is a case with an error', () => {
    for (const text of ['cannot read /etc/virt-clock-audit.yaml', ...HOSTILE_TEXTS]) {
      const failed = { messages: [text, 'and so on'], toolVersion: text, endedAtSeconds: 1_800_000_000.5 };
      const { attributes, suites } = parse(junit.renderFailure?.(failed) ?? '');
      expect(attributes).to.deep.include({ tests: '1', failures: '0', errors: '1', skipped: '0' });
      expect(suites).to.have.length(1);
      expect(suites[0]?.attributes).to.include({ timestamp: '2027-01-15T08:00:00', errors: '1' });
      expect(suites[0]?.attributes).to.not.have.property('hostname');
      const [only] = suites[0]?.cases ?? [];
      expect(only).to.include({ classname: 'run', result: 'error' });
      expect(only?.attributes.type).to.equal('run-failed');
      expect(only?.text).to.match(/\nand so on$/);
    }
  });

  it('counts what it has', () => {
    const { attributes, suites } = parse(junit.render([report], plain));
    const { findings, waived, problems } = report.summary;
    expect(attributes).to.include({
      failures: String(findings.fail),
      errors: String(findings.unknown + problems),
      skipped: String(findings['not-applicable'] + waived),
    });
    for (const { attributes: own, cases } of suites) {
      const having = (element: string) => String(cases.filter(({ result }) => result === element).length);
      expect(own).to.include({ tests: String(cases.length), failures: having('failure') });
      expect(own).to.include({ errors: having('error'), skipped: having('skipped') });
    }
  });

  it('says of each outcome what a CI server has a word for', () => {
    const { suites } = parse(junit.render([report], plain));
    const found = (classname: string, name: string) =>
      suites.flatMap(({ cases }) => cases).find((it) => it.classname === classname && it.name === name);
    expect(found('domain/rtc-track', 'guest-time')).to.deep.include({ result: 'failure' });
    expect(found('domain/rtc-track', 'guest-time')?.attributes).to.deep.include({ type: 'guest' });
    expect(found('domain/rtc-track', 'on-disk')?.text).to.contain('\nat: domains/on disk.xml:9:5\n');
    expect(found('domain/rtc-track', 'unreadable')).to.deep.include({ result: 'error' });
    expect(found('domain/rtc-track', 'good')).to.deep.include({ result: null });
    expect(found('domain/rtc-track', 'accepted')?.attributes).to.deep.equal({
      message: 'waived until 2026-01-31 by ops: rebuilt next week',
    });
    expect(found('domain/taints', 'good')?.result).to.equal('skipped');
    expect(found('domain/agent-channel', 'on-disk')).to.deep.include({ result: 'system-out' });
    expect(found('domain/agent-channel', 'on-disk')?.text).to.match(
      /^warn: .*\nobserved: there is no channel/,
    );
    const broken = found('problem', 'domains/broken.xml:12:3');
    expect(broken?.attributes).to.deep.equal({ type: 'malformed-xml', message: 'unclosed tag: domain' });
    expect(found('problem', 'qemu+ssh://compute8/system')?.text).to.equal(
      'libvirt error 38, domain 7: Cannot recv data: Connection refused',
    );
  });

  it('tells two domains of one name from each other, and the two definitions of one', () => {
    const [good] = report.domains.filter(({ name }) => name === 'good');
    if (!good) throw new Error('no such domain');
    const [finding] = good.findings;
    if (!finding) throw new Error('no finding');
    const findings = (['live', 'inactive'] as const).map((definition) => ({ ...finding, definition }));
    const twins = [
      { ...good, findings },
      { ...good, uuid: null, source: 'b.xml', findings },
    ];
    const { suites } = parse(junit.render([{ ...report, host: null, problems: [], domains: twins }], plain));
    const names = suites.flatMap(({ cases }) => cases.map(({ name }) => name));
    expect(new Set(names).size).to.equal(4);
    expect(names[3]).to.equal('good (b.xml) (inactive)');
  });

  for (const text of HOSTILE_TEXTS) {
    it(`says what it was told for ${JSON.stringify(text.slice(0, 30))}`, () => {
      expectBack(text);
    });
  }

  it('says what it was told, whatever that is', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
    );
    fc.assert(fc.property(anything, expectBack), { numRuns: 30 });
  });

  function expectBack(text: string): void {
    const xml = junit.render([withTextFromElsewhere(report, text)], plain);
    const { suites, attributes } = parse(xml);
    expect(attributes.tests).to.equal(parse(junit.render([report], plain)).attributes.tests);
    const shown = printable(text).replace(/[\ufffe\uffff]/g, (it) => `\\u{${it.charCodeAt(0).toString(16)}}`);
    const fail = suites.flatMap(({ cases }) => cases).find(({ result }) => result === 'failure');
    expect(fail?.attributes.message).to.equal(shown);
    expect(fail?.text).to.contain(`\nobserved: ${shown}\n`);
    expect(xml).not.to.match(/[^\n\P{Cc}]|[\p{Cf}\p{Cs}]/u);
  }

  it('is well-formed to libxml2 and to a lenient parser', async function () {
    requireCommand(this, 'xmllint');
    for (const text of HOSTILE_TEXTS) {
      const xml = junit.render([withTextFromElsewhere(report, text)], plain);
      const { exitCode, stderr } = await runProcess('xmllint', ['--noout', '-'], { input: xml });
      expect({ exitCode, stderr }, JSON.stringify(text)).to.deep.equal({ exitCode: 0, stderr: '' });
      expect(new XMLParser().parse(xml).testsuites.testsuite).to.have.length(3);
    }
  });
});

describe('text for XML', () => {
  it('is unchanged where XML takes it', () => {
    expect(xmlText('ünï 😀 (a)')).to.equal('ünï 😀 (a)');
    expect(xmlText(`<&>"']]>`)).to.equal('&lt;&amp;&gt;&quot;&apos;]]&gt;');
  });
});
