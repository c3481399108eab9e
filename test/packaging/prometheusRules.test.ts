import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { expect } from 'chai';
import { parse } from 'yaml';
import { METRIC_PREFIX, METRICS } from '../../src/report/prometheusMetrics.js';
import { metricsIn } from '../support/promqlNames.js';
import { requireFetched } from '../support/requirement.js';
import { projectRoot, runProcess } from '../support/runTool.js';
import { missingProgram, PROGRAMS, SCHEMAS } from '../support/unpackedPrograms.js';

const directory = join(projectRoot, 'packaging', 'prometheus');
const read = (name: string) => parse(readFileSync(join(directory, name), 'utf8'));

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}

interface RuleTest {
  readonly alert_rule_test: readonly {
    readonly alertname: string;
    readonly exp_alerts: readonly unknown[];
  }[];
}

describe('the alert rules', () => {
  const document = read('virt-clock-audit.rules.yml');
  const rules: Rule[] = document.groups.flatMap((group: { rules: Rule[] }) => group.rules);

  for (const what of ['check', 'test'] as const) {
    it(`stand promtool ${what} rules`, async function () {
      requireFetched(this, missingProgram('promtool'));
      const file = `virt-clock-audit.${what === 'check' ? 'rules' : 'test'}.yml`;
      const run = await runProcess(PROGRAMS.promtool, [what, 'rules', file], { cwd: directory });
      expect(run.exitCode, run.stdout + run.stderr).to.equal(0);
      expect(run.stdout).to.contain('SUCCESS');
    });
  }

  it('are each tested to fire, and not to fire', () => {
    const { tests } = read('virt-clock-audit.test.yml') as { tests: RuleTest[] };
    const tried = tests.flatMap((test) => test.alert_rule_test);
    const names = (fires: boolean) =>
      new Set(
        tried.filter(({ exp_alerts }) => exp_alerts.length > 0 === fires).map(({ alertname }) => alertname),
      );
    const alerts = rules.map(({ alert }) => alert).sort();
    expect([...names(true)].sort()).to.deep.equal(alerts);
    expect([...names(false)].sort()).to.deep.equal(alerts);
  });

  it('ask only for metrics that are exported', () => {
    const exported = Object.keys(METRICS).map((name) => METRIC_PREFIX + name);
    // Prometheus' own, and node_exporter's about the files that it reads.
    exported.push('up', 'node_textfile_scrape_error');
    for (const { alert, expr } of rules) {
      const asked = metricsIn(expr);
      expect(asked, alert).to.not.deep.equal([]);
      expect(exported, alert).to.include.members(asked);
    }
  });

  it('say what is the matter, where, and how bad that is', () => {
    for (const { alert, labels, annotations } of rules) {
      expect(labels.severity, alert).to.be.oneOf(['critical', 'warning', 'info']);
      expect(annotations.summary, alert).to.contain('$labels.instance');
      expect(annotations.description, alert).to.be.a('string').and.not.equal('');
    }
  });

  it('are what the published schema of rules describes', function () {
    const path = join(SCHEMAS, 'prometheus.rules.json');
    requireFetched(this, existsSync(path) ? null : 'the published JSON Schemas');
    const schema = JSON.parse(readFileSync(path, 'utf8'));
    const validate = new Ajv({ strict: false }).compile(schema);
    expect(validate(document), JSON.stringify(validate.errors)).to.equal(true);
  });
});
