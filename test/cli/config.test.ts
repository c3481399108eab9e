import { chmodSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { loadConfiguration } from '../../src/cli/configuration/loadConfiguration.js';
import { requireCommand } from '../support/requirement.js';
import { runCommand } from '../support/runCommand.js';
import { auditJson, domainNamed, projectRoot, runTool, verdicts } from '../support/runTool.js';
import { scratchDirectory } from '../support/scratch.js';
import { tinyDomainXml } from '../support/tinyDomain.js';

describe('the configuration of a run', () => {
  const scratch = scratchDirectory('config');
  const path = (name: string) => join(scratch.path, name);
  const file = (name: string, text: string | Buffer) => {
    writeFileSync(path(name), text);
    chmodSync(path(name), 0o644);
    return path(name);
  };
  const limit = async (args: string[], env: Record<string, string> = {}) => {
    const run = await runTool(['config', '--format', 'json', ...args], { env });
    expect(run).to.deep.include({ exitCode: 0, stderr: '' });
    const { profile, thresholds } = JSON.parse(run.stdout);
    return { profile, polls: thresholds.holdoverPolls };
  };
  after(() => scratch.remove());

  it('is checked by config, which says what it read', async () => {
    const ok = file('ok.yaml', 'profile: nova\n');
    expect(await runTool(['config', '--config', ok])).to.deep.include({
      exitCode: 0,
      stdout: `ok, read ${ok}; profile nova\n`,
      stderr: '',
    });
    expect((await runTool(['config', '--no-config', '--profile', 'strict'])).stdout).to.equal(
      'ok, no configuration file was read; profile strict\n',
    );
  });

  it('counts profile, file, environment and flags in this order', async () => {
    const config = file('order.yaml', 'profile: nova\nthresholds: {holdoverPolls: 4}\n');
    const env = { VIRT_CLOCK_AUDIT_PROFILE: 'cluster', VIRT_CLOCK_AUDIT_HOLDOVER_POLLS: '5' };
    const flags = ['--profile', 'strict', '--set', 'holdoverPolls=6'];
    expect(await limit(['--no-config'])).to.deep.nested.include({
      'profile.value': 'default',
      'polls.value': 3,
    });
    expect(await limit(['--config', config])).to.deep.include({
      profile: { value: 'nova', layer: 'file', place: `${config}:1:10` },
      polls: { value: 4, layer: 'file', place: `${config}:2:29` },
    });
    expect(await limit(['--config', config], env)).to.deep.include({
      profile: { value: 'cluster', layer: 'environment', place: 'VIRT_CLOCK_AUDIT_PROFILE' },
      polls: { value: 5, layer: 'environment', place: 'VIRT_CLOCK_AUDIT_HOLDOVER_POLLS' },
    });
    expect(await limit(['--config', config, ...flags], env)).to.deep.include({
      profile: { value: 'strict', layer: 'flag', place: '--profile' },
      polls: { value: 6, layer: 'flag', place: '--set' },
    });
  });

  it('is the file of the flag, else of the variable', async () => {
    const one = file('one.yaml', 'thresholds: {holdoverPolls: 11}\n');
    const two = file('two.yaml', 'thresholds: {holdoverPolls: 12}\n');
    const env = { VIRT_CLOCK_AUDIT_CONFIG: one };
    expect((await limit(['--config', two], env)).polls.value).to.equal(12);
    expect((await limit([], env)).polls.value).to.equal(11);
    expect((await limit(['--no-config'], env)).polls.value).to.equal(3);
    const empty = { VIRT_CLOCK_AUDIT_HOLDOVER_POLLS: '', VIRT_CLOCK_AUDIT_PROFILE: '' };
    expect((await limit(['--config', two], empty)).polls.value).to.equal(12);
  });

  it('is the default file where that exists', async () => {
    const defaultFile = file('default.yaml', 'thresholds: {holdoverPolls: 13}\n');
    const load = async (name: string, env: Record<string, string> = {}, config?: string | false) => {
      const surroundings = { env, defaultFile: name, privileged: false };
      const options = config === undefined ? {} : { config };
      const { policy } = (await loadConfiguration(options, surroundings)).effective;
      return [policy.thresholds.holdoverPolls, ...policy.sources];
    };
    expect(await load(defaultFile)).to.deep.equal([13, defaultFile]);
    expect(await load(path('none.yaml'))).to.deep.equal([3]);
    expect(await load(defaultFile, {}, false)).to.deep.equal([3]);
    expect(await load(defaultFile, {}, path('two.yaml'))).to.deep.equal([12, path('two.yaml')]);
    expect(await load(defaultFile, { VIRT_CLOCK_AUDIT_CONFIG: path('one.yaml') })).to.deep.equal([
      11,
      path('one.yaml'),
    ]);
    const help = await runTool(['config', '--help']);
    expect(help.stdout).to.contain('/etc/virt-clock-audit.yaml');
  });

  it('is printed with the origin of each value', async () => {
    file(
      'golden.yaml',
      `thresholds: {hostOffsetWarnSeconds: 0.001}
checks: {domain/hpet: {severity: info}, domain/taints: {enabled: false}}
waivers:
  - {check: domain/kvmclock, target: 'gpu-*', reason: "old \\e[31mdriver", owner: ops, expires: 2027-01-31}
  - {check: host/clocksource, target: host, reason: planned, owner: ops}
guests: [{match: terminal, os: windows, rtc: utc}]
`,
    );
    const args = ['config', '--effective', '--config', 'golden.yaml', '--profile', 'scs-0129'];
    const { stdout, exitCode } = await runTool(
      [...args, '--set', 'fleetTimeZone=UTC', '--guest-os', 'a=b=linux'],
      {
        cwd: scratch.path,
        env: { VIRT_CLOCK_AUDIT_HOST_STRATUM_WARN: '8' },
      },
    );
    expect(exitCode).to.equal(0);
    const golden = join(projectRoot, 'test', 'golden', 'config-effective.txt');
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(golden, stdout);
    expect(stdout).to.equal(readFileSync(golden, 'utf8'));
  });

  const flagMistakes: readonly [string, string[], RegExp][] = [
    [
      'an unknown profile',
      ['--profile', 'clutser'],
      /^--profile: there is no profile 'clutser'; .*did you mean 'cluster'/,
    ],
    [
      'an unknown limit',
      ['--set', 'holdoverPoll=2'],
      /^--set: there is no setting 'holdoverPoll'; did you mean 'holdoverPolls'/,
    ],
    ['a limit without value', ['--set', 'holdoverPolls'], /^--set: give NAME=VALUE, not 'holdoverPolls'/],
    [
      'a limit that is no number',
      ['--set', 'holdoverPolls=0x3'],
      /^--set: holdoverPolls has to be a number, not '0x3'/,
    ],
    ['a limit of nothing', ['--set', 'holdoverPolls=0'], /^--set: holdoverPolls has to be a number above 0/],
    [
      'limits upside down',
      ['--set', 'hostOffsetFailSeconds=0.001'],
      /^--set: hostOffsetWarnSeconds \(0.005, from profile default\) is above/,
    ],
    [
      'an unknown check',
      ['--disable', 'domain/hpte'],
      /^--disable: there is no check 'domain\/hpte'; did you mean 'domain\/hpet'/,
    ],
    [
      'an unknown system',
      ['--guest-os', 'w=windos'],
      /^--guest-os: 'windos' is no family of guests; they are windows, linux, .*did you mean 'windows'/,
    ],
    ['a system of nobody', ['--guest-os', '=windows'], /^--guest-os: give NAME=FAMILY, not '=windows'/],
    ['a guest without system', ['--guest-os', 'w'], /^--guest-os: give NAME=FAMILY, not 'w'/],
    [
      'an unknown RTC',
      ['--guest-os', 'w=windows,rtc=gmt'],
      /^--guest-os: rtc has to be one of utc, localtime, not 'gmt'/,
    ],
    [
      'Linux in local time',
      ['--guest-os', 'l=linux,rtc=localtime'],
      /^--guest-os: a linux guest with its RTC in local time/,
    ],
    ['an empty profile', ['--profile', ''], /'--profile <name>' argument '' is invalid\. It is empty/],
    ['an empty file name', ['--config', ''], /'--config <file>' argument '' is invalid\. It is empty/],
    ['an empty check', ['--disable', ''], /is invalid\. It is empty/],
    [
      'a file that does not exist',
      ['--config', '/nonexistent.yaml'],
      /^the configuration \/nonexistent\.yaml does not exist/,
    ],
    ['a directory', ['--config', '/'], /^the configuration \/ is no regular file/],
    ['a device', ['--config', '/dev/zero'], /^the configuration \/dev\/zero is no regular file/],
    [
      'a file below a file',
      ['--config', '/etc/passwd/x'],
      /^the configuration \/etc\/passwd\/x cannot be read: [^\n]* \(ENOTDIR\)\n$/,
    ],
  ];
  for (const [what, args, message] of flagMistakes) {
    it(`answers ${what} with one line and exit code 3, before it looks at anything`, async () => {
      for (const command of [
        ['config'],
        ['audit', '--connect', 'test:///default'],
        ['remediate', '--domxml', '/nope'],
      ]) {
        const { exitCode, stdout, stderr } = await runTool([...command, ...args]);
        expect({ exitCode, stdout }).to.deep.equal({ exitCode: 3, stdout: '' });
        expect(stderr).to.match(/^virt-clock-audit: [^\n]+\n$/);
        expect(stderr.slice('virt-clock-audit: '.length).replace(/^option /, '')).to.match(message);
      }
    });
  }

  it('refuses variables that it does not know, and values that it does not understand', async () => {
    const env = { VIRT_CLOCK_AUDIT_PROFIL: 'x', VIRT_CLOCK_AUDIT_HOLDOVER_POLLS: 'many' };
    const { exitCode, stderr } = await runTool(['config', '--no-config'], { env });
    expect(exitCode).to.equal(3);
    expect(stderr.trim().split('\n')).to.have.members([
      "virt-clock-audit: VIRT_CLOCK_AUDIT_PROFIL: is no variable of virt-clock-audit; did you mean 'VIRT_CLOCK_AUDIT_PROFILE'?",
      "virt-clock-audit: VIRT_CLOCK_AUDIT_HOLDOVER_POLLS: holdoverPolls has to be a number, not 'many'",
    ]);
  });

  it('has every mistake of a file told in the order of the lines', async () => {
    const bad = file(
      'bad.yaml',
      'checks: {domain/nope: {enabled: false}}\nprofile: x\nthresholds: {holdoverPolls: -1}\n',
    );
    const { exitCode, stderr, stdout } = await runTool(['--config', bad, '--connect', 'test:///default']);
    expect({ exitCode, stdout }).to.deep.equal({ exitCode: 3, stdout: '' });
    const places = stderr
      .trim()
      .split('\n')
      .map((line) => line.replace(/^virt-clock-audit: (\S+): .*$/, '$1'));
    expect(places).to.deep.equal(['1:10', '2:10', '3:29'].map((at) => `${bad}:${at}`));
  });

  it('tells no more than 50 mistakes, with escapes made visible', async () => {
    const many = file(
      'many.yaml',
      Array.from({ length: 60 }, (_, index) => `"k${index}\\e[31m": 1`).join('\n'),
    );
    const { stderr } = await runTool(['config', '--config', many]);
    expect(stderr.trim().split('\n')).to.have.length(51);
    expect(stderr)
      .to.contain("unknown key 'k0\\u{1b}[31m'")
      .and.to.match(/: 10 more mistakes/);
    expect(stderr).not.to.contain('\u001b');
  });

  for (const [what, text, message] of [
    ['no UTF-8', Buffer.from('profile: \xe9\n', 'latin1'), /is not UTF-8 text/],
    ['larger than 1 MiB', Buffer.alloc(1024 * 1024 + 1, '#'), /is larger than 1 MiB/],
  ] as const) {
    it(`is refused when it is ${what}`, async () => {
      const { exitCode, stderr } = await runTool(['config', '--config', file('odd.yaml', text)]);
      expect(exitCode).to.equal(3);
      expect(stderr).to.match(message);
    });
  }

  it('does not wait for a pipe that nobody writes to, and follows links', async function () {
    requireCommand(this, 'mkfifo');
    await runCommand('mkfifo', [path('pipe')]);
    const { stderr, seconds } = await runTool(['config', '--config', path('pipe')], { timeoutMs: 10_000 });
    expect(stderr).to.contain('is no regular file');
    expect(seconds).to.be.below(8);
    symlinkSync(file('target.yaml', 'profile: nova\n'), path('link.yaml'));
    expect((await runTool(['config', '--config', path('link.yaml')])).stdout).to.contain('profile nova');
    truncateSync(path('target.yaml'));
    expect((await runTool(['config', '--config', path('link.yaml')])).stdout).to.contain('profile default');
  });

  it('is said to be open to others when it is, to root', async function () {
    if (process.getuid?.() !== 0) this.skip();
    const open = file('open.yaml', 'profile: nova\n');
    chmodSync(open, 0o664);
    const { exitCode, stdout, stderr } = await runTool(['config', '--config', open]);
    expect({ exitCode, stdout }).to.deep.equal({ exitCode: 0, stdout: `ok, read ${open}; profile nova\n` });
    expect(stderr).to.match(
      /^virt-clock-audit: the configuration \S+open\.yaml can be written by others [^\n]+\n$/,
    );
  });

  describe('decides about an audit', () => {
    const track =
      "<clock offset='utc'><timer name='rtc' track='guest'/><timer name='hpet' present='no'/></clock>";
    const only = '"*": {enabled: false}, domain/rtc-track: {enabled: true}';
    const xml = path('web.xml');
    const facts = path('facts.json');
    before(async () => {
      writeFileSync(xml, tinyDomainXml({ name: 'web1', clock: track, type: 'kvm' }));
      await runTool(['collect', '--domxml', xml, '--output', facts]);
    });
    const waived = (rest: string) =>
      file(
        'policy.yaml',
        `checks: {${only}}\nwaivers: [{check: domain/rtc-track, target: web1, reason: r, owner: o${rest}}]\n`,
      );

    it('with a waiver: exit code, report and patches', async () => {
      const config = waived('');
      for (const source of [
        ['--domxml', xml],
        ['--from', facts],
      ]) {
        const { report, exitCode } = await auditJson([...source, '--config', config]);
        expect(exitCode).to.equal(0);
        expect(report.summary).to.deep.include({ outcome: 'pass', waived: 1 });
        expect(report.policy).to.deep.include({ profile: 'default', sources: [config] });
        const text = await runTool([...source, '--config', config]);
        expect(text.stdout).to.contain(
          'waived: 1 finding of domain/rtc-track on web1 without an end by o: r',
        );
        expect(text.stdout).to.match(/: 0 fail, .*, 1 waived; exit code 0\n$/);
        const remedy = await runTool(['remediate', ...source, '--config', config]);
        expect(remedy).to.deep.include({ exitCode: 0, stdout: '' });
        expect(remedy.stderr).to.contain('nothing to mend');
      }
    });

    it('with an expired waiver: as if there were none, and a note', async () => {
      const config = waived(', expires: 2020-01-31');
      const { report, exitCode } = await auditJson(['--domxml', xml, '--config', config]);
      expect(exitCode).to.equal(2);
      expect(report.policy.waivers[0]?.state).to.equal('expired');
      expect(report.notes.join()).to.contain('has expired on 2020-01-31');
      expect((await runTool(['remediate', '--domxml', xml, '--config', config])).stdout).to.contain(
        'domain/rtc-track',
      );
    });

    it('with severities and disabled checks', async () => {
      const severity = (it: string) =>
        file('severity.yaml', `checks: {${only.replace('true', `true, severity: ${it}`)}}`);
      const codes = { info: 0, warn: 1, fail: 2 };
      for (const [name, code] of Object.entries(codes)) {
        expect((await runTool(['--domxml', xml, '--config', severity(name)])).exitCode, name).to.equal(code);
      }
      const disabled = await auditJson(['--domxml', xml, '--no-config', '--disable', '*']);
      expect(disabled.exitCode).to.equal(0);
      expect(disabled.report.domains[0]?.findings).to.deep.equal([]);
    });

    it('by the run that judges, not by the one that collected', async () => {
      const { exitCode } = await runTool(['--from', facts, '--no-config', '--disable', '*']);
      expect(exitCode).to.equal(0);
      expect((await runTool(['--from', facts, '--no-config', '--disable', 'host/*'])).exitCode).to.equal(2);
    });

    it('by what it is told of guests', async () => {
      const source = [
        '--domxml',
        join(projectRoot, 'test', 'fixtures', 'domxml', 'nova-windows-as-utc.xml'),
        '--no-config',
      ];
      const verdict = async (...args: string[]) => {
        const { report } = await auditJson([...source, ...args]);
        return verdicts(domainNamed(report, 'instance-00000040').findings, 'domain/clock-offset');
      };
      expect(await verdict()).to.deep.equal(['warn utc-for-local-guest']);
      expect(await verdict('--guest-os', 'instance-*=windows,rtc=utc')).to.deep.equal(['pass utc']);
      expect(await verdict('--guest-os', 'instance-00000040=linux')).to.deep.equal(['pass utc']);
      expect(await verdict('--guest-os', 'x=linux', '--guest-os', '*=windows')).to.deep.equal([
        'warn utc-for-local-guest',
      ]);
    });
  });
});
