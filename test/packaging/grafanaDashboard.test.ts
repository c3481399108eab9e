import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { stringify } from 'yaml';
import { METRIC_PREFIX, METRICS } from '../../src/report/prometheusMetrics.js';
import { type ExposedSeries, readExposition } from '../support/prometheusText.js';
import { metricsIn } from '../support/promqlNames.js';
import { requireFetched } from '../support/requirement.js';
import { projectRoot, runProcess } from '../support/runTool.js';
import { scratchDirectory } from '../support/scratch.js';
import { missingProgram, PROGRAMS } from '../support/unpackedPrograms.js';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: { readonly uid: string };
  readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>;
  readonly targets?: readonly {
    readonly refId: string;
    readonly expr: string;
    readonly datasource: { uid: string };
  }[];
}

interface Dashboard {
  readonly schemaVersion: number;
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { name: string; type: string; definition?: string }[] };
}

const text = readFileSync(join(projectRoot, 'packaging/grafana/virt-clock-audit.json'), 'utf8');
const dashboard: Dashboard = JSON.parse(text);
const { panels, templating } = dashboard;
const expressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
const golden = readFileSync(join(projectRoot, 'test/golden/formats/prometheus.prom'), 'utf8');

/** What Grafana replaces by the data source that somebody chose. */
const VARIABLE = `$${'{datasource}'}`;

/** Grafana puts a regular expression in the place of a variable. */
function filledIn(expression: string): string {
  return expression.replace(/\$(instance|outcome)\b/g, '.*');
}

/** A series as promtool's unit tests write it, of one host; those with names that PromQL would have to escape are left out. */
function inputSeries(
  { name, labels, value }: ExposedSeries,
  target: Readonly<Record<string, string>> = {},
): { series: string; values: string }[] {
  const all = Object.entries({ ...labels, job: 'node', instance: 'compute7', ...target });
  if (all.some(([, it]) => /["\\\n]/.test(it))) return [];
  return [
    { series: `${name}{${all.map(([label, it]) => `${label}="${it}"`).join(',')}}`, values: `${value}` },
  ];
}

/** Has promtool evaluate expressions that come to a single value without labels. */
async function expectPromql(
  input_series: readonly { series: string; values: string }[],
  expressions: readonly { expr: string; value: number }[],
): Promise<void> {
  const scratch = scratchDirectory('grafana');
  const promql_expr_test = expressions.map(({ expr, value }) => ({
    ...{ expr, eval_time: '0m', exp_samples: [{ labels: '{}', value }] },
  }));
  const test = {
    evaluation_interval: '1m',
    tests: [{ interval: '1m', input_series, promql_expr_test }],
  };
  writeFileSync(join(scratch.path, 'test.yml'), stringify(test));
  const run = await runProcess(PROGRAMS.promtool, ['test', 'rules', 'test.yml'], { cwd: scratch.path });
  await scratch.remove();
  expect(run.exitCode, run.stdout + run.stderr).to.equal(0);
}

describe('the Grafana dashboard', () => {
  it('is a dashboard that can be imported anywhere', () => {
    expect(dashboard.schemaVersion).to.be.within(36, 41);
    expect(dashboard.uid).to.match(/^[\w-]{1,40}$/);
    expect(dashboard).to.not.have.property('id');
    expect(templating.list.map(({ name, type }) => `${type} ${name}`)).to.include('datasource datasource');
    const sources = [...text.matchAll(/"uid": "([^"]*)"/g)].map(([, uid]) => uid);
    expect(new Set(sources)).to.deep.equal(new Set([VARIABLE, dashboard.uid]));
  });

  it('has panels that stand side by side', () => {
    expect(new Set(panels.map(({ id }) => id)).size).to.equal(panels.length);
    const cells = new Map<string, string>();
    for (const { title, gridPos } of panels) {
      const { x, y, w, h } = gridPos;
      expect(x >= 0 && w > 0 && h > 0 && x + w <= 24, title).to.equal(true);
      for (let column = x; column < x + w; column++) {
        for (let line = y; line < y + h; line++) {
          expect(cells.get(`${column} ${line}`), `below ${title}`).to.equal(undefined);
          cells.set(`${column} ${line}`, title);
        }
      }
    }
  });

  it('has panels that say what they show', () => {
    for (const { type, title, description = '', targets = [], datasource } of panels) {
      expect(type).to.be.oneOf(['row', 'stat', 'timeseries', 'bargauge', 'table']);
      expect(title).to.not.equal('');
      if (type === 'row') continue;
      expect(description, title).to.match(/\.$/);
      expect(datasource?.uid, title).to.equal(VARIABLE);
      expect(targets.length, title).to.be.above(0);
      expect(new Set(targets.map(({ refId }) => refId)).size, title).to.equal(targets.length);
    }
  });

  it('asks only for metrics that are exported, of the hosts that were chosen', () => {
    const exported = Object.keys(METRICS).map((name) => METRIC_PREFIX + name);
    for (const expression of expressions) {
      const asked = metricsIn(expression);
      expect(asked, expression).to.not.deep.equal([]);
      expect(exported, expression).to.include.members(asked);
      const selectors = expression.match(/virt_clock_audit_\w+/g)?.length;
      expect(expression.match(/instance=~"\$instance"/g)?.length, expression).to.equal(selectors);
    }
    const [hosts] = templating.list.flatMap(({ definition }) => definition ?? []);
    expect(metricsIn(hosts?.replace(', instance', '') ?? '')).to.deep.equal(['virt_clock_audit_build_info']);
  });

  it('counts every host that is not known to be synchronised', async function () {
    requireFetched(this, missingProgram('promtool'));
    const panel = panels.find(({ title }) => title === 'Hosts not known to be synchronised');
    const of = (name: string, instance: string, value: number, more = '') => ({
      series: `virt_clock_audit_${name}{job="node", instance="${instance}"${more}}`,
      values: `${value}`,
    });
    const input_series = [
      ...['well', 'one-of-two', 'not', 'silent'].map((it) => of('build_info', it, 1, ', version="1"')),
      of('host_synchronised', 'well', 1, ', daemon="chronyd"'),
      of('host_synchronised', 'one-of-two', 0, ', daemon="chronyd"'),
      of('host_synchronised', 'one-of-two', 1, ', daemon="ntpd"'),
      of('host_synchronised', 'not', 0, ', daemon="chronyd"'),
      // Two hosts of one name, of which one is well.
      ...['a', 'b'].map((it) => of('build_info', 'twin', 1, `, version="1", region="${it}"`)),
      of('host_synchronised', 'twin', 1, ', daemon="chronyd", region="a"'),
      of('host_synchronised', 'twin', 0, ', daemon="chronyd", region="b"'),
    ];
    const expr = filledIn(panel?.targets?.[0]?.expr ?? '');
    await expectPromql(input_series, [{ expr, value: 3 }]);
  });

  it('shows something in each panel for what the golden file exports', async function () {
    requireFetched(this, missingProgram('promtool'));
    await expectPromql(
      readExposition(golden).flatMap((it) => inputSeries(it)),
      expressions.map((it) => ({ expr: `count(${filledIn(it)}) > bool 0`, value: 1 })),
    );
  });

  it('shows two hosts of one name that another label tells apart as two', async function () {
    requireFetched(this, missingProgram('promtool'));
    const regions = ['a', 'b'].map((region) => ({ region }));
    // What is put together for the fleet has no more series with two; the others have one for each.
    const isSummed = (it: string) => /^(-?min|sort_desc\(sum|sum|max|count)\b/.test(it);
    const bare = expressions.filter((it) => !isSummed(it));
    expect(bare).to.have.length.above(5);
    await expectPromql(
      readExposition(golden).flatMap((it) => regions.flatMap((region) => inputSeries(it, region))),
      [
        ...expressions.map((it) => ({ expr: `count(${filledIn(it)}) > bool 0`, value: 1 })),
        ...bare.map((it) => ({
          expr: `sum(count by (region) (${filledIn(it)})) == bool 2 * max(count by (region) (${filledIn(it)}))`,
          value: 1,
        })),
      ],
    );
  });
});
