import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect } from 'chai';
import { judge } from '../../src/cli/judge.js';
import { readFiles } from '../../src/domxml/files.js';
import { known, unknown } from '../../src/facts/fact.js';
import type { Facts } from '../../src/facts/facts.js';
import type { HostFacts } from '../../src/facts/host.js';
import { hostLeftOut } from '../../src/facts/host.js';
import { DEFAULT_POLICY } from '../../src/policy/policy.js';
import type { Report } from '../../src/report/report.js';
import { renderText } from '../../src/report/text.js';
import { FIXTURES } from '../support/fixtures.js';

const GOLDEN = join(import.meta.dirname, '..', 'golden');
const NAMES = [
  'nova-linux',
  'nova-windows-as-utc',
  'kvmclock-off',
  'rtc-track-realtime',
  'hostile-name',
  'hostile-truncated',
  'tcg-plain',
];

const host: HostFacts = {
  ...hostLeftOut('not asked for'),
  architecture: known('x86_64', 'uname -m'),
  kernelRelease: known('6.1.0-18-amd64', 'uname -r'),
  timeZone: known({ name: 'Europe/Berlin', isUtc: false }, '/etc/localtime'),
  clocksource: known({ current: 'hpet', available: ['hpet', 'acpi_pm'] }, '/sys'),
  chrony: unknown('chronyc', 'chronyc-missing', 'chronyc is not installed; install chrony'),
  ptpKvm: known(
    { offered: false, because: "the host's clocksource is hpet", wouldNeed: 'the host on tsc' },
    '/sys',
  ),
};

async function facts(): Promise<Facts> {
  const { domains, problems } = await readFiles(NAMES.map((name) => join(FIXTURES, `${name}.xml`)));
  const short = (path: string) => relative(FIXTURES, path);
  return {
    schemaVersion: '1.0',
    toolVersion: '0.1.0',
    collectedAt: '2026-01-02T03:04:05.678Z',
    hostname: 'compute7',
    sources: [{ kind: 'files', location: '.' }],
    host,
    hostNote: 'this machine',
    domains: domains.map((domain) => ({ ...domain, source: short(domain.source) })),
    problems: problems.map((problem) => ({ ...problem, target: short(problem.target) })),
    notes: ['domain gone vanished while the audit ran and was left out'],
  };
}

async function report(): Promise<Report> {
  return {
    ...judge(await facts(), 'warn', DEFAULT_POLICY),
    tool: { name: 'virt-clock-audit', version: '0.1.0' },
  };
}

/** Run the tests with UPDATE_GOLDEN=1 to write the files anew, and read the difference. */
function expectGolden(name: string, text: string): void {
  const path = join(GOLDEN, name);
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(path, text);
  expect(text).to.equal(readFileSync(path, 'utf8'));
}

describe('the text report', () => {
  it('tells what needs action first and folds what passed', async () => {
    expectGolden('report.txt', renderText(await report(), { colour: false, verbose: false }));
  });

  it('shows everything with --verbose', async () => {
    expectGolden('report-verbose.txt', renderText(await report(), { colour: false, verbose: true }));
  });

  it('colours outcomes only when it is asked to', async () => {
    expect(renderText(await report(), { colour: true, verbose: false })).to.include('\u001b[31;1mFAIL');
    expect(renderText(await report(), { colour: false, verbose: false })).not.to.include('\u001b');
  });

  it('has a line for a domain that nothing was asked about', async () => {
    const { domains, ...rest } = await report();
    const silent = { ...rest, domains: domains.map((domain) => ({ ...domain, findings: [] })) };
    expect(renderText(silent, { colour: false, verbose: true })).to.match(/^domain instance-0000002a/m);
  });

  it('lets no control or bidirectional character of a name through', async () => {
    const text = renderText(await report(), { colour: false, verbose: true });
    expect(text).not.to.match(/[^\n\P{C}]/u);
    expect(text).to.match(/\\u\{(9b|202e)\}/);
  });
});
