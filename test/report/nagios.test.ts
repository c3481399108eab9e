import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { exitCodeFor, FAIL_ON } from '../../src/cli/exitCode.js';
import { known } from '../../src/facts/fact.js';
import { hostLeftOut } from '../../src/facts/host.js';
import { nagios } from '../../src/report/nagios.js';
import type { Report } from '../../src/report/report.js';
import { answerOf, type healthy } from '../support/chronyAnswers.js';
import { alerts, type PluginFigure, type PluginOutput, readPluginOutput } from '../support/pluginOutput.js';
import { HOSTILE_NAME, richReport } from '../support/richReport.js';

const GOLDEN = join(import.meta.dirname, '..', 'golden', 'formats', 'nagios.txt');
const OPTIONS = { colour: false, verbose: false };
const WORDS = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'];

const line = (...reports: Report[]): PluginOutput => readPluginOutput(nagios.render(reports, OPTIONS));

function failure(...messages: string[]): string {
  return nagios.renderFailure?.({ messages, toolVersion: '0.1.0', endedAtSeconds: 0 }) ?? '';
}

function figure({ figures }: PluginOutput, label: string): PluginFigure {
  const found = figures.find((it) => it.label === label);
  if (!found) throw new Error(`no figure is called ${label}`);
  return found;
}

/** A report in which nothing needs a person, of a host whose chronyd says that. */
async function quiet(tracking: Partial<typeof healthy> = {}): Promise<Report> {
  const report = await richReport();
  const facts = { ...hostLeftOut('by the test'), chrony: known(answerOf(tracking), 'chronyc') };
  const findings = { ...report.summary.findings, fail: 0, warn: 0, unknown: 0 };
  return {
    ...report,
    ...{ domains: [], problems: [], host: { facts, findings: [] } },
    summary: { ...report.summary, outcome: 'pass', exitCode: 0, domains: 12, problems: 0, findings },
  };
}

describe('the form for Nagios', () => {
  it('says what the golden file says', async () => {
    const lines = [
      nagios.render([await richReport()], OPTIONS),
      nagios.render([await quiet()], OPTIONS),
      nagios.render([await quiet(), await richReport()], OPTIONS),
      failure('cannot read /etc/virt-clock-audit.yaml: this user may not (EACCES)'),
      failure('cannot read /var/lib/virt-clock-audit/report.json: there is no such file', 'and so on'),
    ];
    for (const it of lines) readPluginOutput(it);
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(GOLDEN, lines.join(''));
    expect(lines.join('')).to.equal(readFileSync(GOLDEN, 'utf8'));
  });

  it('has the word of the exit code, whatever --fail-on makes of it', async () => {
    const report = await richReport();
    for (const outcome of ['pass', 'warn', 'fail', 'unknown'] as const) {
      for (const failOn of FAIL_ON) {
        const exitCode = exitCodeFor(outcome, failOn);
        const { state } = line({ ...report, summary: { ...report.summary, outcome, exitCode } });
        expect(state, `${outcome} --fail-on ${failOn}`).to.equal(WORDS[exitCode]);
      }
    }
  });

  it('has the word of the worst host, and adds up the counts', async () => {
    const rich = await richReport();
    const output = line(await quiet(), rich, await quiet());
    expect(output.state).to.equal(WORDS[rich.summary.exitCode]);
    expect(output.text).to.contain(' 3 hosts, ');
    expect(figure(output, 'hosts').value).to.equal(3);
    expect(figure(output, 'domains').value).to.equal(24 + rich.summary.domains);
    expect(figure(output, 'failures').value).to.equal(rich.summary.findings.fail);
    expect(output.figures.map(({ label }) => label)).not.to.include('offset');
  });

  it('names the checks that came out worst, the others by their number, and no name from elsewhere', async () => {
    const report = await richReport();
    const { text } = line(report);
    expect(text).to.match(/\d+ fail, \d+ unknown, \d+ warn: [a-z]+\/[a-z-]+(, [a-z]+\/[a-z-]+)*( \+\d+)?$/);
    expect(text).to.not.contain('evil');
    const [first] = report.domains;
    const finding = first?.findings[0];
    if (!first || !finding) throw new Error('the rich report is poor');
    // Somebody may have written the saved report by hand.
    const hostile = { ...first, findings: [{ ...finding, outcome: 'fail' as const, check: HOSTILE_NAME }] };
    expect(line({ ...report, host: null, domains: [hostile] }).state).to.equal('UNKNOWN');
  });

  it('names what could not be read and why, where nothing fails', async () => {
    const report = await quiet();
    const of = (targets: readonly string[], unknown = 0, host: Report['host'] = report.host) => {
      const problems = targets.map((target) => ({
        ...{ target, cause: 'libvirt-error', reason: 'libvirt does not answer' },
        outcome: 'unknown' as const,
      }));
      const findings = { ...report.summary.findings, unknown };
      const summary = { ...report.summary, exitCode: 3, problems: targets.length, findings };
      return line({ ...report, summary, problems, host }).text;
    };
    const begin = (count: number) => `VIRT-CLOCK-AUDIT UNKNOWN - ${count} unknown: `;
    expect(of(['qemu:///system'])).to.equal(`${begin(1)}qemu:///system (libvirt-error)`);
    expect(of(['/etc/libvirt/qemu/instance-0000002a.xml'])).to.equal(
      `${begin(1)}...u/instance-0000002a.xml (libvirt-error)`,
    );
    expect(of(['qemu:///system', 'lxc:///system'])).to.equal(`${begin(2)}qemu:///system (libvirt-error) +1`);
    expect(of(['a|b\u202e\n'])).to.match(/ a\/b\\u\{202e\}\S+ \(libvirt-error\)$/);
    const rich = (await richReport()).host;
    const [finding] = rich?.findings ?? [];
    if (!rich || !finding) throw new Error('the rich report is poor');
    const host = { ...rich, findings: [{ ...finding, check: 'host/a', outcome: 'unknown' as const }] };
    expect(of(['b'], 1, host)).to.equal(`${begin(2)}b (libvirt-error), host/a`);
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 12 }), (targets) => {
        expect(of(targets)).to.match(/ unknown: /);
      }),
    );
  });

  it('rather names what is worst than count what is milder, where many hosts leave no room for both', async () => {
    const rich = await richReport();
    const [finding] = rich.host?.findings ?? [];
    if (!rich.host || !finding) throw new Error('the rich report is poor');
    const check = 'host/clocksource';
    const findings = [{ ...finding, check, outcome: 'fail' as const }];
    const host = { ...rich.host, findings };
    const problem = {
      target: 'qemu:///system',
      cause: 'libvirt-error',
      reason: '',
      outcome: 'unknown' as const,
    };
    const of = (fail: number, unknown: number, warn: number, problems: Report['problems'] = []) => {
      const counts = { ...rich.summary.findings, fail, unknown, warn };
      const summary = { ...rich.summary, exitCode: 3, problems: problems.length, findings: counts };
      const report = { ...rich, host: problems.length > 0 ? null : host, domains: [], problems, summary };
      return line(...Array.from({ length: 300 }, () => report)).text.replace(
        'VIRT-CLOCK-AUDIT UNKNOWN - ',
        '',
      );
    };
    expect(of(1, 0, 1)).to.equal(`300 hosts, 300 fail, 300 warn: ${check}`);
    expect(of(3, 0, 60)).to.equal(`300 hosts, 900 fail, 18000 warn: ${check}`);
    expect(of(3, 1, 6)).to.equal(`300 hosts, 900 fail, 300 unknown: ${check}`);
    expect(of(30, 23, 6)).to.equal(`300 hosts, 9000 fail, 6900 unknown: ${check}`);
    expect(of(30, 2300, 6)).to.equal(`300 hosts, 9000 fail: ${check}`);
    expect(of(300, 2300, 60000)).to.equal(`300 hosts, 90000 fail: ${check}`);
    expect(of(0, 0, 200, [problem])).to.equal('300 hosts, 300 unknown: ...ystem (libvirt-error)');
    // Nothing more can be left out.
    const [begin, name] = ['300 hosts, 300 fail', 'host/'.padEnd(60, 'x')];
    const long = { ...rich, host: { ...host, findings: [{ ...findings[0], check: name }] }, domains: [] };
    const counts = { ...rich.summary.findings, fail: 1, unknown: 0, warn: 1 };
    const one = {
      ...long,
      problems: [],
      summary: { ...rich.summary, problems: 0, findings: counts },
    } as Report;
    expect(line(...Array.from({ length: 300 }, () => one)).text).to.match(new RegExp(`${begin}, 300 warn$`));
  });

  it('of a run that could not write all of its outputs says that', async () => {
    const incomplete = { messages: ['cannot write a'], toolVersion: '', endedAtSeconds: 0, failedOutputs: 1 };
    expect(nagios.renderIncomplete?.([await quiet()], incomplete)).to.equal(
      'VIRT-CLOCK-AUDIT UNKNOWN - cannot write a\n',
    );
  });

  it("brings the host's clock with the limits of the report", async () => {
    const report = await quiet({ systemOffsetSeconds: -0.0000001 });
    const output = line(report);
    const limits = report.policy.thresholds;
    const offset = figure(output, 'offset');
    expect(offset).to.deep.include({ value: -0.0000001, unit: 's' });
    expect(offset.warn).to.deep.include({
      start: -(limits.hostOffsetWarnSeconds ?? 0),
      end: limits.hostOffsetWarnSeconds,
    });
    expect(offset.crit?.end).to.equal(limits.hostOffsetFailSeconds);
    const bound = figure(output, 'error_bound');
    expect([bound.warn?.end, bound.crit?.end]).to.deep.equal([
      limits.hostRootDistanceWarnSeconds,
      limits.hostRootDistanceFailSeconds,
    ]);
  });

  it('writes numbers without exponents, to the nanosecond', async () => {
    const offset = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    await fc.assert(
      fc.asyncProperty(offset, async (systemOffsetSeconds) => {
        const { value } = figure(line(await quiet({ systemOffsetSeconds })), 'offset');
        expect(value).to.be.closeTo(systemOffsetSeconds, 1e-9);
      }),
    );
  });

  it('has ranges that alert where the audit does', async () => {
    const at = async (tracking: Partial<typeof healthy>, label: string) => {
      const { value, warn, crit } = figure(line(await quiet(tracking)), label);
      return [warn && alerts(value, warn), crit && alerts(value, crit)];
    };
    expect(await at({ systemOffsetSeconds: 0.005 }, 'offset')).to.deep.equal([false, false]);
    expect(await at({ systemOffsetSeconds: -0.0051 }, 'offset')).to.deep.equal([true, false]);
    expect(await at({ systemOffsetSeconds: 0.051 }, 'offset')).to.deep.equal([true, true]);
    expect(await at({ stratum: 9 }, 'stratum')).to.deep.equal([false, null]);
    expect(await at({ stratum: 10 }, 'stratum')).to.deep.equal([true, null]);
    expect(await at({ rootDispersionSeconds: 0.02 }, 'error_bound')).to.deep.equal([true, false]);
  });

  it('leaves out a clock that is not known', async () => {
    const report = await quiet({ referenceId: '00000000', stratum: 0 });
    const labels = (it: Report) => line(it).figures.map(({ label }) => label);
    expect(labels(report)).to.include('domains').and.not.include('offset');
    expect(labels({ ...report, host: null })).to.not.include('offset');
  });

  it('is one line that fits, whatever a run failed for', () => {
    const whatever = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('a | b', HOSTILE_NAME, 'x'.repeat(300)),
    );
    fc.assert(
      fc.property(fc.array(whatever, { minLength: 1, maxLength: 4 }), ([first = '', ...others]) => {
        const { state, figures } = readPluginOutput(failure(`no: ${first}`, ...others));
        expect(state).to.equal('UNKNOWN');
        expect(figures).to.deep.equal([]);
      }),
    );
  });

  it('fits whatever the counts are', async () => {
    const report = await richReport();
    const count = fc.integer({ min: 0, max: 1e6 });
    await fc.assert(
      fc.asyncProperty(
        count,
        count,
        count,
        fc.integer({ min: 0, max: 3 }),
        async (fail, warn, unknown, exitCode) => {
          const findings = { ...report.summary.findings, fail, warn, unknown };
          const output = line({ ...report, summary: { ...report.summary, findings, exitCode } });
          expect([figure(output, 'failures').value, figure(output, 'warnings').value]).to.deep.equal([
            fail,
            warn,
          ]);
        },
      ),
    );
  });
});
