import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { HOST_CHECKS } from '../../src/checks/registry.js';
import type { Report } from '../../src/report/report.js';
import { auditJson, projectRoot, runTool } from '../support/runTool.js';
import { scratchDirectory } from '../support/scratch.js';

const fixtures = join(projectRoot, 'test', 'fixtures', 'domxml');

/** A report without the time of its facts, and without the numbers about this machine: its clock was measured twice. */
function timeless(report: Report): unknown {
  const { host, ...rest } = JSON.parse(JSON.stringify(report), (key, value) =>
    key === 'collectedAt' ? '' : value,
  );
  const unmeasured = JSON.stringify(host, (_, value) => {
    if (typeof value === 'number') return 0;
    return typeof value === 'string' ? value.replaceAll(/\d+(\.\d+)?/g, '#') : value;
  });
  return { ...rest, host: JSON.parse(unmeasured) };
}

describe('saved facts', () => {
  const scratch = scratchDirectory('facts');
  const file = join(scratch.path, 'facts.json');
  after(() => scratch.remove());

  for (const [what, source] of [
    ['all fixtures', ['--domxml', fixtures]],
    ['all fixtures, with this machine', ['--domxml', fixtures, '--host', '--chronyc', '/nonexistent']],
    ["libvirt's test driver", ['--connect', 'test:///default']],
    ['a refused connection', ['--connect', 'qemu+unix:///session?socket=/nonexistent', '--no-host']],
    ['a host alone', ['--no-domains', '--host', '--chronyc', '/nonexistent']],
  ] as const) {
    it(`give the same report as the machine they are from: ${what}`, async () => {
      const collected = await runTool(['collect', ...source, '--output', file]);
      const { report: saved } = await auditJson(['--from', file]);
      const { report: fresh } = await auditJson(source);
      expect(timeless(saved)).to.deep.equal(timeless(fresh));
      expect(saved.host?.facts ?? null).to.deep.equal(JSON.parse(readFileSync(file, 'utf8')).host);
      expect(collected.stderr.split('\n')).to.have.length(fresh.problems.length + 1);
    });
  }

  it('give exactly the same report every time, also from standard input', async () => {
    const { stdout: input } = await runTool(['collect', '--domxml', fixtures, '--host']);
    writeFileSync(file, input);
    for (const format of ['json', 'text']) {
      const fromFile = await runTool(['--from', file, '--format', format]);
      const fromInput = await runTool(['--from', '-', '--format', format], { input });
      expect(fromInput.stdout).to.equal(fromFile.stdout).and.not.equal('');
    }
  });

  it('are narrowed down by --domain, --no-host and --no-domains', async () => {
    await runTool(['collect', '--domxml', fixtures, '--host', '--output', file]);
    const one = await auditJson(['--from', file, '--domain', 'no-such*', '--no-host']);
    expect(one.report.domains).to.deep.equal([]);
    expect(one.report.host).to.equal(null);
    expect(one.report.problems.at(-1)).to.deep.include({ target: 'no-such*', cause: 'no-match' });
    const hostOnly = await auditJson(['--from', file, '--no-domains']);
    expect(hostOnly.report.domains).to.deep.equal([]);
    expect(hostOnly.report.host?.findings).to.have.length(HOST_CHECKS.length);
  });

  const facts = {
    schemaVersion: '1.0',
    toolVersion: '1',
    collectedAt: '2026-01-01T00:00:00Z',
    hostname: 'h',
    sources: [],
    host: null,
    hostNote: 'left out',
    domains: [],
    problems: [],
    notes: [],
  };
  const state = { known: true, value: 'running', source: 's' };
  const yes = { known: true, value: true, source: 's' };
  const domain = { name: 'n', source: 's', state, persistent: yes, managedSave: yes, definitions: {} };

  const malformed: Readonly<Record<string, [string, RegExp]>> = {
    'no JSON': ['{', /is no JSON: /],
    'half of them': ['{"schemaVersion":"1.0",', /is no JSON: /],
    nothing: ['', / is empty\n/],
    'a line break': ['\n', / is empty\n/],
    'a list': ['[]', / is neither saved facts, a recording nor a sosreport\n/],
    null: ['null', / is neither saved facts, a recording nor a sosreport\n/],
    words: ['hello', / is neither saved facts, a recording nor a sosreport\n/],
    'another document': ['{"schema":"x","schemaVersion":"1.0"}', / is neither saved facts, a recording nor/],
    'too little': ['{"schemaVersion":"1.0"}', /toolVersion is no string/],
    'another schema version': [
      JSON.stringify({ ...facts, schemaVersion: '9.0' }),
      /schemaVersion is not "1\.0"/,
    ],
    'domains that are no list': [JSON.stringify({ ...facts, domains: {} }), /domains is no list/],
    'a domain without a name': [
      JSON.stringify({ ...facts, domains: [domain, { ...domain, name: 5 }] }),
      /domains\[1\]\.name is no string/,
    ],
    'a definition that is none': [
      JSON.stringify({ ...facts, domains: [{ ...domain, definitions: { live: { known: true } } }] }),
      /domains\[0\]\.definitions\.live\.value is no object/,
    ],
    'a host without its facts': [JSON.stringify({ ...facts, host: {} }), /host\.architecture is no object/],
  };
  for (const [what, [text, message]] of Object.entries(malformed)) {
    it(`are refused in one line with exit code 3 when they hold ${what}`, async () => {
      writeFileSync(file, text);
      const run = await runTool(['--from', file]);
      expect(run).to.deep.include({ exitCode: 3, stdout: '' });
      expect(run.stderr)
        .to.match(/^virt-clock-audit: [^\n]+\n$/)
        .and.match(message)
        .and.contain(file);
    });
  }

  it('are not in a report, which is told how to render', async () => {
    const made = await runTool(['--domxml', fixtures, '--format', 'json']);
    for (const text of [made.stdout, '{"schema":"virt-clock-audit/reports","reports":[]}']) {
      writeFileSync(file, text);
      const { exitCode, stderr } = await runTool(['audit', '--from', file]);
      const reason = `is a report, and holds no facts to judge: report --from ${file} renders it`;
      expect([exitCode, stderr]).to.deep.equal([3, `virt-clock-audit: ${file} ${reason}\n`]);
    }
  });

  it('are taken when they are the smallest there can be', async () => {
    writeFileSync(file, JSON.stringify({ ...facts, domains: [domain] }));
    const { report, exitCode } = await auditJson(['--from', file]);
    const [only] = report.domains;
    expect(only?.name).to.equal('n');
    // Nobody looked at its definition, so nothing about it may pass.
    const said = new Set(only?.findings.map(({ outcome, code }) => `${outcome} ${code}`));
    expect([...said].sort()).to.deep.equal(['not-applicable not-applicable', 'unknown no-definition']);
    expect(exitCode).to.equal(3);
  });

  it('are refused when there are none', async () => {
    const missing = await runTool(['--from', join(scratch.path, 'missing')]);
    expect(missing.exitCode).to.equal(3);
    expect(missing.stderr).to.match(/^virt-clock-audit: \S+ does not exist\n$/);
    expect((await runTool(['--from', scratch.path])).stderr).to.match(
      /^virt-clock-audit: \S+ is no sosreport: there is no sos_commands in it\n$/,
    );
  });
});
