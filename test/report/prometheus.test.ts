import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { known, unknown } from '../../src/facts/fact.js';
import { type HostFacts, hostLeftOut } from '../../src/facts/host.js';
import { printable } from '../../src/report/printable.js';
import { prometheus } from '../../src/report/prometheus.js';
import { LONGEST_LABEL, labelValue } from '../../src/report/prometheusExposition.js';
import { MOST_SERIES } from '../../src/report/prometheusFindings.js';
import { METRIC_PREFIX, METRICS } from '../../src/report/prometheusMetrics.js';
import type { DomainReport, Report, ReportedFinding } from '../../src/report/report.js';
import { answering, answerOf, NOW } from '../support/chronyAnswers.js';
import { EVERY_CLOCK } from '../support/clockFacts.js';
import { type ExposedSeries, readExposition, singleValue } from '../support/prometheusText.js';
import { lintMetrics } from '../support/promtool.js';
import { requireFetched } from '../support/requirement.js';
import { HOSTILE_NAME, richReport } from '../support/richReport.js';
import { missingProgram } from '../support/unpackedPrograms.js';

const GOLDEN = join(import.meta.dirname, '..', 'golden', 'formats');
const FAILED = {
  messages: ['cannot read /etc/virt-clock-audit.yaml'],
  toolVersion: '0.1.0',
  endedAtSeconds: NOW + 0.5,
};
const OPTIONS = { colour: false, verbose: false };

const render = (report: Report) => prometheus.render([report], OPTIONS);
const seriesOf = (report: Report) => readExposition(render(report));

/** Run the tests with UPDATE_GOLDEN=1 to write the files anew, and read the difference. */
function expectGolden(name: string, text: string): void {
  const path = join(GOLDEN, name);
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(path, text);
  expect(text).to.equal(readFileSync(path, 'utf8'));
}

function valuesOf(series: readonly ExposedSeries[], name: string): ExposedSeries[] {
  return series.filter((it) => it.name === METRIC_PREFIX + name);
}

async function withHost(facts: Partial<HostFacts>): Promise<ExposedSeries[]> {
  const report = await richReport();
  return seriesOf({ ...report, host: { facts: { ...hostLeftOut('by the test'), ...facts }, findings: [] } });
}

/** A host with that many domains that all fail in one check and warn in another. */
async function crowded(count: number, named: (index: number) => string): Promise<Report> {
  const report = await richReport();
  const [first] = report.domains;
  const finding = first?.findings[0];
  if (!first || !finding) throw new Error('the rich report is poor');
  const domains = Array.from({ length: count }, (_, index): DomainReport => {
    const { waiver: _waiver, ...open } = finding;
    const findings = [
      { ...open, check: 'domain/hpet', outcome: 'warn' as const },
      { ...open, check: 'domain/kvmclock', outcome: 'fail' as const },
    ];
    return { ...first, name: named(index), uuid: `uuid-${index}`, findings };
  });
  return { ...report, domains };
}

describe('the form for Prometheus', () => {
  it('says what the golden file says', async () => {
    expectGolden('prometheus.prom', render(await richReport()));
  });

  it('of a run that failed says so, and nothing of an earlier one', async () => {
    const text = prometheus.renderFailure?.(FAILED) ?? '';
    expectGolden('prometheus-failed.prom', text);
    const series = readExposition(text);
    expect(series.map(({ name }) => name.slice(METRIC_PREFIX.length))).to.deep.equal([
      'build_info',
      'run_success',
      'last_run_timestamp_seconds',
      'exit_code',
    ]);
    expect(singleValue(series, 'virt_clock_audit_run_success')).to.equal(0);
    expect(singleValue(series, 'virt_clock_audit_last_run_timestamp_seconds')).to.equal(NOW + 0.5);
  });

  it('passes the linter of Prometheus, whatever the names are', async function () {
    requireFetched(this, missingProgram('promtool'));
    const hostile = ['', '"', '\\', '\\n', '\n', 'a"} 1\nfake 2', '\u0000', '\ud800', '}{', HOSTILE_NAME];
    const report = await crowded(hostile.length * 2, (index) => hostile[index % hostile.length] ?? '');
    expect(await lintMetrics(render(await richReport()))).to.equal('');
    expect(await lintMetrics(prometheus.renderFailure?.(FAILED) ?? '')).to.equal('');
    expect(await lintMetrics(render(report))).to.equal('');
    // The linter is one that can find something.
    expect(await lintMetrics('# HELP a_total b\n# TYPE a_total gauge\na_total 1\n')).to.contain('a_total');
  });

  it('escapes labels so that they read back as they were, with control characters made visible', () => {
    const text = fc.string({ unit: 'binary', maxLength: LONGEST_LABEL });
    fc.assert(
      fc.property(fc.oneof(text, fc.stringMatching(/^[\\"\nan{},=]{0,20}$/)), (name) => {
        fc.pre(name.length <= LONGEST_LABEL);
        const [series] = readExposition(`# HELP a b\n# TYPE a gauge\na{name="${labelValue(name)}"} 1\n`);
        expect(series?.labels.name).to.equal(name.split('\n').map(printable).join('\n'));
      }),
    );
  });

  it('cuts a name of megabytes', async () => {
    const [series] = valuesOf(seriesOf(await crowded(1, () => 'x'.repeat(3e6))), 'domain_finding');
    expect(series?.labels.domain).to.equal(`${'x'.repeat(LONGEST_LABEL - 1)}…`);
  });

  it('leaves out what is too much, the mildest first, and says how much that is', async () => {
    const report = await crowded(MOST_SERIES - 10, (index) => `guest-${index}`);
    const series = seriesOf(report);
    const findings = valuesOf(series, 'domain_finding');
    const fails = findings.filter(({ labels }) => labels.outcome === 'fail');
    expect([findings.length, fails.length]).to.deep.equal([MOST_SERIES, MOST_SERIES - 10]);
    const leftOut = (metric: string) => singleValue(series, 'virt_clock_audit_left_out_series', { metric });
    expect(leftOut('domain_finding')).to.equal(MOST_SERIES - 20);
    expect(leftOut('waiver_expiry_timestamp_seconds')).to.equal(0);
    const counted = singleValue(series, 'virt_clock_audit_findings', {
      check: 'domain/hpet',
      outcome: 'warn',
    });
    expect(counted, 'the counts are complete').to.equal(MOST_SERIES - 10);
  });

  it('counts what is waived apart, and names only what needs a person', async () => {
    const report = await richReport();
    const series = seriesOf(report);
    const rtcTrack = { check: 'domain/rtc-track', outcome: 'fail' };
    const waived = report.domains.filter(({ findings }) => findings.some(({ waiver }) => waiver));
    expect(waived).to.have.length(1);
    expect(singleValue(series, 'virt_clock_audit_waived_findings', rtcTrack)).to.equal(1);
    const named = valuesOf(series, 'domain_finding').map(({ labels }) => labels);
    expect(named.map(({ domain }) => domain))
      .to.include('guest-time')
      .and.not.include('accepted');
    expect(new Set(named.map(({ outcome }) => outcome))).to.deep.equal(new Set(['fail', 'unknown', 'warn']));
    for (const outcome of ['pass', 'fail', 'warn', 'unknown'] as const) {
      const counts = valuesOf(series, 'findings').filter(({ labels }) => labels.outcome === outcome);
      const sum = counts.reduce((total, { value }) => total + value, 0);
      expect(sum, outcome).to.equal(report.summary.findings[outcome]);
    }
  });

  it('says when a waiver ends: after its last day, in UTC', async () => {
    const ends = singleValue(
      seriesOf(await richReport()),
      'virt_clock_audit_waiver_expiry_timestamp_seconds',
    );
    expect(ends).to.equal(Date.parse('2026-02-01T00:00:00Z') / 1000);
  });

  it("gives a synchronised chronyd's clock, ahead above 0", async () => {
    const chrony = known(answerOf({ systemOffsetSeconds: -0.002 }, [answering, answering]), 'chronyc');
    const series = await withHost({ chrony });
    const of = (name: string) => singleValue(series, `virt_clock_audit_host_${name}`, { daemon: 'chronyd' });
    expect(of('synchronised')).to.equal(1);
    expect(of('system_offset_seconds')).to.equal(-0.002);
    expect(of('error_bound_seconds')).to.be.closeTo(0.002 + 0.0005 + 0.001, 1e-12);
    expect(of('stratum')).to.equal(3);
    expect(of('last_measurement_timestamp_seconds')).to.equal(NOW - 30);
    const selected = { daemon: 'chronyd', state: 'selected' };
    expect(singleValue(series, 'virt_clock_audit_host_sources', selected)).to.equal(2);
    expect(singleValue(series, 'virt_clock_audit_host_sources', { state: 'falseticker' })).to.equal(0);
  });

  it('takes no measurement from a daemon that is not synchronised', async () => {
    const never = { referenceId: '00000000', stratum: 0, systemOffsetSeconds: 0, referenceTimeSeconds: 0 };
    const series = await withHost({ chrony: known(answerOf(never, []), 'chronyc') });
    expect(singleValue(series, 'virt_clock_audit_host_synchronised')).to.equal(0);
    const measured = series
      .map(({ name }) => name)
      .filter((name) => /offset_seconds|bound_seconds|stratum/.test(name));
    expect(measured).to.deep.equal([]);
  });

  it('never takes what is not known for 0', async () => {
    const series = await withHost({
      chrony: unknown('chronyc', 'chronyc-missing', 'chronyc is not installed'),
    });
    const host = series.map(({ name }) => name).filter((name) => name.includes('_host_'));
    const fromPolicy = /limit_seconds$/;
    expect(host.filter((name) => !fromPolicy.test(name))).to.deep.equal([]);
    const none = seriesOf({ ...(await richReport()), host: null });
    expect(
      none.map(({ name }) => name).filter((it) => it.includes('_host_') && !fromPolicy.test(it)),
    ).to.deep.equal([]);
  });

  it('has limits that are those of the report', async () => {
    const report = await richReport();
    const thresholds = { ...report.policy.thresholds, hostOffsetFailSeconds: 0.125 };
    const series = seriesOf({ ...report, policy: { ...report.policy, thresholds } });
    const limit = (severity: string) =>
      singleValue(series, 'virt_clock_audit_host_offset_limit_seconds', { severity });
    expect([limit('warn'), limit('fail')]).to.deep.equal([0.005, 0.125]);
  });

  describe('has limits only', () => {
    const TRACKING = 'host/chrony-tracking';
    const waiver = { reason: 'moves on Monday', owner: 'ops', expires: null, place: 'a.yaml:1' };
    let finding: ReportedFinding;

    before(async () => {
      const found = (await richReport()).host?.findings.find(({ check }) => check === TRACKING);
      if (!found) throw new Error('the rich report is poor');
      finding = found;
    });

    /** The severities of the limits on a host whose chronyd answers. */
    async function limits(
      changed: Partial<ReportedFinding> | null,
      severities: Report['policy']['severities'] = {},
      others: readonly Partial<ReportedFinding>[] = [],
      facts: Partial<HostFacts> = {},
    ): Promise<unknown[]> {
      const report = await richReport();
      const chrony = known(answerOf(), 'chronyc');
      const findings = [...(changed ? [changed] : []), ...others].map((it) => ({ ...finding, ...it }));
      const series = seriesOf({
        ...report,
        policy: { ...report.policy, severities },
        host: { facts: { ...hostLeftOut('by the test'), chrony, ...facts }, findings },
      });
      const of = (name: string) => valuesOf(series, name).map(({ labels }) => labels.severity);
      expect(of('host_offset_limit_seconds')).to.deep.equal(of('host_error_bound_limit_seconds'));
      return of('host_offset_limit_seconds');
    }

    it('where the check that goes by them is asked', async () => {
      expect(await limits({})).to.deep.equal(['warn', 'fail']);
      expect(await limits(null)).to.deep.equal([]);
      expect(await limits({ outcome: 'not-applicable' })).to.deep.equal([]);
    });

    it('where its finding is not waived', async () => {
      expect(await limits({ outcome: 'fail', waiver })).to.deep.equal([]);
    });

    it('of what comes of it', async () => {
      expect(await limits({ outcome: 'info' }, { [TRACKING]: 'info' })).to.deep.equal([]);
      expect(await limits({ outcome: 'warn' }, { [TRACKING]: 'warn' })).to.deep.equal(['warn']);
      expect(await limits({ outcome: 'fail' }, { [TRACKING]: 'fail' })).to.deep.equal(['warn', 'fail']);
    });

    it('where one of the daemons that answer is held to them', async () => {
      const { ntpd } = EVERY_CLOCK;
      const other = { check: 'host/ntpd', outcome: 'pass' as const };
      expect(await limits({ waiver })).to.deep.equal([]);
      expect(await limits({ waiver }, {}, [other]), 'ntpd does not run').to.deep.equal([]);
      expect(await limits({ waiver }, {}, [other], { ntpd })).to.deep.equal(['warn', 'fail']);
    });

    it('where there is a host', async () => {
      const series = seriesOf({ ...(await richReport()), host: null });
      expect(valuesOf(series, 'host_offset_limit_seconds')).to.deep.equal([]);
    });
  });

  it('of a run that could not write all of its outputs says so beside what was found', async () => {
    const report = await richReport();
    const quiet = { ...report, summary: { ...report.summary, exitCode: 2 } };
    const series = readExposition(
      prometheus.renderIncomplete?.([quiet], { ...FAILED, failedOutputs: 2 }) ?? '',
    );
    expect(singleValue(series, 'virt_clock_audit_exit_code')).to.equal(3);
    expect(singleValue(series, 'virt_clock_audit_outputs_failed')).to.equal(2);
    const others = (all: ExposedSeries[]) =>
      all.filter(({ name }) => !/(exit_code|outputs_failed)$/.test(name));
    expect(others(series)).to.deep.equal(others(seriesOf(quiet)));
    expect(singleValue(seriesOf(quiet), 'virt_clock_audit_outputs_failed')).to.equal(0);
  });

  it('has no metric that no report brings', async () => {
    const rich = seriesOf(await richReport()).map(({ name }) => name);
    const other = (
      await withHost({
        chrony: known(answerOf(), 'chronyc'),
        leapTable: known({ path: '/x', expiresAtSeconds: NOW, readAtSeconds: NOW }, '/x'),
      })
    ).map(({ name }) => name);
    const missing = Object.keys(METRICS).filter((it) => ![...rich, ...other].includes(METRIC_PREFIX + it));
    expect(missing).to.deep.equal([]);
  });
});
