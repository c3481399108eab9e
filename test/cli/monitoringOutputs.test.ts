import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { readPluginOutput } from '../support/pluginOutput.js';
import { readExposition, singleValue } from '../support/prometheusText.js';
import { lintMetrics } from '../support/promtool.js';
import { requireCommand, requireFact, requireFetched } from '../support/requirement.js';
import { richFacts } from '../support/richReport.js';
import { runProcess, runTool, tool } from '../support/runTool.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';
import { agentChannelXml, goodClock, tinyDomainXml } from '../support/tinyDomain.js';
import { missingProgram } from '../support/unpackedPrograms.js';

const SUCCESS = 'virt_clock_audit_run_success';

describe('the outputs for monitoring', () => {
  let scratch: ScratchDirectory;
  /** Where the textfile collector looks. */
  let textfiles: string;
  let metrics: string;
  let good: string;
  let wrong: string;

  beforeEach(() => {
    scratch = scratchDirectory('monitor');
    textfiles = join(scratch.path, 'textfiles');
    metrics = join(textfiles, 'virt-clock-audit.prom');
    mkdirSync(textfiles);
    good = domain('good', goodClock());
    wrong = domain('wrong', goodClock("<timer name='rtc' track='guest'/>"));
  });
  afterEach(() => scratch.remove());

  function domain(name: string, clock: string): string {
    const path = join(scratch.path, `${name}.xml`);
    writeFileSync(path, tinyDomainXml({ name, clock, type: 'kvm', devices: agentChannelXml }));
    return path;
  }
  const series = () => readExposition(readFileSync(metrics, 'utf8'));

  it('are written in one run: a file that everybody may read, and a line', async function () {
    requireFetched(this, missingProgram('promtool'));
    const args = ['--domxml', wrong, '--format', 'nagios', '--format', `prometheus=${metrics}`];
    const run = await runTool(args);
    expect(run).to.deep.include({ exitCode: 2, stderr: '' });
    const { state, text } = readPluginOutput(run.stdout);
    expect(state).to.equal('CRITICAL');
    expect(text).to.contain('domain/rtc-track');
    expect(statSync(metrics).mode & 0o777).to.equal(0o644);
    expect(readdirSync(textfiles)).to.deep.equal(['virt-clock-audit.prom']);
    expect(await lintMetrics(readFileSync(metrics, 'utf8'))).to.equal('');
    expect(singleValue(series(), SUCCESS)).to.equal(1);
    expect(singleValue(series(), 'virt_clock_audit_exit_code')).to.equal(2);
    const failed = { check: 'domain/rtc-track', domain: 'wrong', outcome: 'fail' };
    expect(singleValue(series(), 'virt_clock_audit_domain_finding', failed)).to.equal(1);
  });

  it('give node_exporter a file that it can read, whatever the umask is', async () => {
    const saved = join(scratch.path, 'report.json');
    const script = 'umask 077; "$0" "$@"';
    const run = (...args: string[]) => runProcess('sh', ['-c', script, process.execPath, tool, ...args]);
    const outputs = ['--format', `prometheus=${metrics}`, '--format', `json=${saved}`];
    expect((await run('--domxml', good, ...outputs)).exitCode).to.equal(0);
    expect([metrics, saved].map((it) => statSync(it).mode & 0o777)).to.deep.equal([0o644, 0o600]);
    rmSync(metrics);
    expect((await run('--nonsense', ...outputs)).exitCode).to.equal(3);
    expect(statSync(metrics).mode & 0o777, 'of a run that failed').to.equal(0o644);
    chmodSync(metrics, 0o640);
    expect((await run('--domxml', good, ...outputs)).exitCode).to.equal(0);
    expect(statSync(metrics).mode & 0o777, 'that somebody chose').to.equal(0o640);
  });

  for (const order of [0, 1]) {
    it(`tell of an output that could not be written, ${order ? 'before' : 'after'} it on the command line`, async () => {
      const line = join(scratch.path, 'line');
      const told = ['--format', `prometheus=${metrics}`, '--format', `nagios=${line}`];
      const failing = ['--format', `json=${scratch.path}/missing/r.json`];
      const run = await runTool([
        '--domxml',
        wrong,
        ...(order ? told : failing),
        ...(order ? failing : told),
      ]);
      expect(run.exitCode).to.equal(3);
      expect(run.stderr).to.match(/^virt-clock-audit: cannot write [^\n]+r\.json: [^\n]+\n$/);
      const value = (name: string) => singleValue(series(), `virt_clock_audit_${name}`);
      expect([value('run_success'), value('exit_code'), value('outputs_failed')]).to.deep.equal([1, 3, 1]);
      const failed = { check: 'domain/rtc-track', outcome: 'fail' };
      expect(singleValue(series(), 'virt_clock_audit_findings', failed), 'what was found').to.equal(1);
      expect(readPluginOutput(readFileSync(line, 'utf8')).state).to.equal('UNKNOWN');
    });
  }

  it('have no alert by limits that the configuration waives or disables', async () => {
    const limits = async (config: string) => {
      const path = join(scratch.path, 'config.yaml');
      writeFileSync(path, config);
      const run = await runTool(['--from', facts, '--config', path, '--format', `prometheus=${metrics}`]);
      expect(run.stderr).to.equal('');
      return series().filter(({ name }) => name.endsWith('_limit_seconds')).length;
    };
    const facts = join(scratch.path, 'facts.json');
    writeFileSync(facts, JSON.stringify(richFacts()));
    const daemons = ['host/chrony-tracking', 'host/timesyncd', 'host/ntpd'];
    expect(await limits('')).to.equal(4);
    const off = daemons.map((check) => `  ${check}: {enabled: false}`).join('\n');
    expect(await limits(`checks:\n${off}\n`)).to.equal(0);
    const waivers = daemons.map((it) => `  - {check: ${it}, target: host, reason: r, owner: o}`).join('\n');
    // A waiver only covers what is wrong: the chronyd of these facts is well, and stays held to the limits.
    expect(await limits(`waivers:\n${waivers}\n`)).to.equal(4);
    expect(await limits(`waivers:\n${waivers}\nthresholds: {hostOffsetWarnSeconds: 0.000001}\n`)).to.equal(0);
  });

  for (const [outcome, state, args] of [
    ['a good guest', 'OK', []],
    ['a wrong guest', 'CRITICAL', []],
    ['a wrong guest that nobody minds', 'OK', ['--fail-on', 'never']],
    ['a wrong guest where only the unknown counts', 'OK', ['--fail-on', 'unknown']],
    ['something that cannot be read', 'UNKNOWN', ['--domxml', '/nonexistent.xml']],
  ] as const) {
    it(`say ${state} of ${outcome}, and end with its exit code`, async () => {
      const of = outcome === 'a good guest' ? good : wrong;
      const run = await runTool(['--domxml', of, ...args, '--format', 'nagios']);
      expect(readPluginOutput(run.stdout).state).to.equal(state);
      expect(run.exitCode).to.equal(['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'].indexOf(state));
    });
  }

  for (const [what, args, command] of [
    ['an option that there is not', ['--nonsense'], []],
    ['a configuration that is wrong', ['--config', '/nonexistent.yaml'], []],
    ['facts that are not there', ['--from', '/nonexistent.json'], []],
    ['a saved report that is not there', ['--from', '/nonexistent.json'], ['report']],
  ] as const) {
    it(`are replaced when a run fails for ${what}`, async () => {
      writeFileSync(metrics, 'virt_clock_audit_host_system_offset_seconds 0\n');
      const outputs = ['--format', 'nagios', `--format=prometheus=${metrics}`];
      const run = await runTool([...command, ...outputs, ...args]);
      expect(run.exitCode).to.equal(3);
      expect(readPluginOutput(run.stdout).state).to.equal('UNKNOWN');
      expect(run.stderr).to.match(/^virt-clock-audit: [^\n]+\n$/);
      expect(singleValue(series(), SUCCESS)).to.equal(0);
      expect(singleValue(series(), 'virt_clock_audit_last_run_timestamp_seconds')).to.be.closeTo(
        Date.now() / 1000,
        60,
      );
      expect(readFileSync(metrics, 'utf8')).to.not.contain('_host_');
    });
  }

  for (const args of [['--help'], ['--version'], ['audit', '--help']]) {
    it(`end with 3 for ${args.join(' ')} as a plugin, and with 0 otherwise`, async () => {
      const plugin = await runTool([...args, '--format', 'nagios']);
      const other = await runTool(args);
      expect([plugin.exitCode, other.exitCode]).to.deep.equal([3, 0]);
      expect(plugin.stdout).to.equal(other.stdout).and.not.equal('');
    });
  }

  it('leave the older file alone on a full disk, and say so in one line', async function () {
    requireCommand(this, 'unshare');
    requireFact(this, process.getuid?.() === 0, 'only root may mount a file system to fill');
    const audit = ['--domxml', wrong, '--format', `prometheus=${metrics}`];
    const script = `
      mount -t tmpfs -o size=64k,mode=755 tmpfs "$1" || exit 90
      echo old > "$1/virt-clock-audit.prom"
      dd if=/dev/zero of="$1/filler" bs=4096 2>/dev/null
      shift
      "$@"; echo "exit $?"
      cat "$metrics"; ls -A "$textfiles"`;
    const run = await runProcess(
      'unshare',
      ['-m', 'sh', '-c', script, 'sh', textfiles, process.execPath, tool, ...audit],
      { env: { metrics, textfiles } },
    );
    expect(run.stdout).to.equal('exit 3\nold\nfiller\nvirt-clock-audit.prom\n');
    expect(run.stderr).to.match(
      /^virt-clock-audit: cannot write [^\n]+\.prom: the device is full \(ENOSPC\)\n$/,
    );
  });

  it('have no place for a second host in the file for Prometheus', async () => {
    const saved = join(scratch.path, 'report.json');
    await runTool(['--domxml', good, '--format', 'json', '--output', saved]);
    chmodSync(saved, 0o644);
    const twice = ['report', '--from', saved, '--from', saved];
    const run = await runTool([...twice, '--format', `prometheus=${metrics}`]);
    expect(run.exitCode).to.equal(3);
    expect(run.stderr).to.match(/^virt-clock-audit: prometheus has no place for more than one host\n$/);
    expect(singleValue(series(), SUCCESS)).to.equal(0);
    expect(readPluginOutput((await runTool([...twice, '--format', 'nagios'])).stdout).text).to.contain(
      '2 hosts',
    );
  });
});
