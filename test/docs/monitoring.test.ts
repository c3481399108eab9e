import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse, stringify } from 'yaml';
import { LONGEST_LABEL, type Metric } from '../../src/report/prometheusExposition.js';
import { MOST_SERIES } from '../../src/report/prometheusFindings.js';
import { METRIC_PREFIX, METRICS } from '../../src/report/prometheusMetrics.js';
import { readPluginOutput } from '../support/pluginOutput.js';
import { metricsIn } from '../support/promqlNames.js';
import { requireFetched } from '../support/requirement.js';
import { runProcess } from '../support/runTool.js';
import { scratchDirectory } from '../support/scratch.js';
import { missingProgram, PROGRAMS } from '../support/unpackedPrograms.js';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const DOCUMENT = 'docs/monitoring.md';
const TABLE = /(?<=^<!-- The table [^\n]*\n).*?(?=^<!-- The end of the table)/ms;

function metricsTable(): string {
  const rows = Object.entries(METRICS).map(([name, { labels, help }]: [string, Metric]) => {
    const shown = labels.map((label) => `\`${label}\``).join(', ');
    return `| \`${name}\` | ${shown} | ${help.replaceAll('|', '\\|')} |\n`;
  });
  return `| metric | labels | what it says |\n|---|---|---|\n${rows.join('')}`;
}

/** Run the test with UPDATE_GOLDEN=1 to write the table and the example anew, and read the difference. */
function expectInDocument(place: RegExp, wanted: string): void {
  if (process.env.UPDATE_GOLDEN === '1') {
    writeFileSync(
      new URL(DOCUMENT, root),
      read(DOCUMENT).replace(place, () => wanted),
    );
  }
  expect(place.exec(read(DOCUMENT))?.[0]).to.equal(wanted);
}

describe('docs/monitoring.md', () => {
  it('tells every metric, and no other', () => {
    expectInDocument(TABLE, metricsTable());
  });

  it('shows the line of a plugin as it is', () => {
    const [, quiet = ''] = read('test/golden/formats/nagios.txt').split('\n');
    expectInDocument(/(?<=^```text\n)[^\n]*\n(?=```\n\n\| word)/m, `${quiet}\n`);
    readPluginOutput(`${quiet}\n`);
  });

  it('tells every alert with its severity, how long it waits, and no other', () => {
    const { groups } = parse(read('packaging/prometheus/virt-clock-audit.rules.yml'));
    const waits: Record<string, string> = {
      '15m': '15 minutes',
      '90m': 'two audits',
      '3h': '3 hours',
    };
    const rules = groups[0].rules.map(
      (rule: { alert: string; for?: string; labels: { severity: string } }) => [
        rule.alert,
        rule.labels.severity,
        rule.for === undefined ? 'at once' : waits[rule.for],
      ],
    );
    const rows = read(DOCUMENT).matchAll(/^\| `(VirtClock\w+)` \| (\w+) \| [^|]+ \| ([^|]+) \|$/gm);
    expect([...rows].map(([, ...cells]) => cells)).to.deep.equal(rules);
  });

  it('asks only for metrics that are exported', () => {
    const queries = [...read(DOCUMENT).matchAll(/^\| [^|`]+ \| `(.*virt_clock_audit_.*)` \|$/gm)];
    expect(queries).to.have.length(5);
    const exported = Object.keys(METRICS).map((name) => METRIC_PREFIX + name);
    for (const [, query = ''] of queries) expect([...exported, 'up']).to.include.members(metricsIn(query));
  });

  it('asks for the hosts that are never audited, of two with one name too', async function () {
    requireFetched(this, missingProgram('promtool'));
    const [, expr = ''] = /^\| which hosts are never audited \| `(.*)` \|$/m.exec(read(DOCUMENT)) ?? [];
    const of = (name: string, instance: string, more: string) => ({
      ...{ series: `${name}{job="node", instance="${instance}"${more}}`, values: '1' },
    });
    const input_series = [
      of('up', 'audited', ''),
      of('virt_clock_audit_build_info', 'audited', ', version="1"'),
      ...['a', 'b'].map((region) => of('up', 'twin', `, region="${region}"`)),
      of('virt_clock_audit_build_info', 'twin', ', region="b", version="1"'),
    ];
    const exp_samples = [{ labels: 'up{job="node", instance="twin", region="a"}', value: 1 }];
    const test = {
      evaluation_interval: '1m',
      tests: [{ interval: '1m', input_series, promql_expr_test: [{ expr, eval_time: '0m', exp_samples }] }],
    };
    const scratch = scratchDirectory('questions');
    writeFileSync(join(scratch.path, 'test.yml'), stringify(test));
    const run = await runProcess(PROGRAMS.promtool, ['test', 'rules', 'test.yml'], { cwd: scratch.path });
    await scratch.remove();
    expect(run.exitCode, run.stdout + run.stderr).to.equal(0);
  });

  it('names the limits as they are', () => {
    expect(read(DOCUMENT)).to.contain(`longer than ${LONGEST_LABEL} characters`);
    expect(read(DOCUMENT)).to.contain(`: ${MOST_SERIES} each at most`);
  });
});
