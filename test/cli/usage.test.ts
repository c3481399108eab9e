import { expect } from 'chai';
import { CHECKS } from '../../src/checks/registry.js';
import { requireCommand } from '../support/requirement.js';
import { runProcess, runTool, tool } from '../support/runTool.js';

const source = ['--connect', 'test:///default'];

describe('the command line', () => {
  const mistakes: readonly [string, string[], RegExp][] = [
    ['an unknown option', ['--nope'], /unknown option '--nope'/],
    ['a misspelt option', ['--conect', 'x'], /unknown option '--conect' \(Did you mean --connect\?\)/],
    ['an unknown command', ['audti'], /there is no command 'audti'; did you mean 'audit'\?/],
    ['another unknown command', ['web1', ...source], /there is no command 'web1' \(--help .*--domain names/],
    ['the help of an unknown command', ['help', 'foo'], /: there is no command 'foo' \(/],
    [
      'a command behind options',
      [...source, 'remediate'],
      /unexpected argument 'remediate'; a command comes/,
    ],
    [
      'a domain without --domain',
      ['remediate', 'my guest'],
      /'my guest': remediate takes no arguments; [^\n]*--domain 'my guest' \(/,
    ],
    ['a second argument', ['explain', 'a', 'b'], /'b': explain takes 1 argument \(/],
    [
      'a host wanted and not',
      [...source, '--host', '--no-host'],
      /--host and --no-host contradict each other/,
    ],
    [
      'a check wanted and not',
      ['remediate', ...source, '--only', 'domain/hpet', '--disable', 'domain/hpet'],
      /--only domain\/hpet: the check is disabled, by --disable or the configuration/,
    ],
    [
      'all checks of a glob disabled',
      ['remediate', ...source, '--only', 'domain/h*', '--disable', 'domain/*'],
      /--only domain\/h\*: all its checks are disabled/,
    ],
    [
      'a check of the host for apply',
      ['apply', 'x', '--dry-run', '--only', 'host/clocksource'],
      /is no check of a domain: nothing of the host is ever changed; virt-clock-audit remediate --only host\/clock/,
    ],
    [
      'a directory that holds no report',
      ['--from', '/'],
      /: \/ is no sosreport: there is no sos_commands in it/,
    ],
    ['facts that do not exist', ['--from', '/nonexistent'], /: \/nonexistent does not exist\n/],
    ['a report into a directory', [...source, '--output', '/'], /cannot write \/: it is a directory, /],
    ['a configuration that is a directory', ['--config', '/'], /the configuration \/ is no regular file/],
    ['an unknown format', [...source, '--format', 'yaml'], /'--format <format>' argument 'yaml' is invalid/],
    [
      'an unknown --fail-on',
      [...source, '--fail-on', 'all'],
      /'--fail-on <outcome>' argument 'all' is invalid/,
    ],
    ['an option without its value', ['--connect'], /'-c, --connect <uri>' argument missing/],
    ['a timeout of nothing', [...source, '--timeout', '0'], /Give a number of seconds up to 3600/],
    ['a timeout that is no number', [...source, '--timeout', 'soon'], /Give a number of seconds/],
    ['a timeout without end', [...source, '--timeout', 'Infinity'], /Give a number of seconds/],
    ['two sources', [...source, '--domxml', '/tmp'], /choose one of --connect, --domxml, --from and --ssh/],
    ['another two sources', ['--from', 'x', '--domxml', '/tmp'], /choose one of/],
    ['nothing to audit', [...source, '--no-host', '--no-domains'], /leave nothing to look at/],
    [
      'an unknown check',
      ['explain', 'host/tea'],
      /there is no check 'host\/tea'; virt-clock-audit checks lists them/,
    ],
    ['no check', ['explain'], /missing required argument 'check'/],
    ['a word too many', ['checks', 'now'], /unexpected argument/],
    ['an option of another command', ['collect', ...source, '--format', 'json'], /unknown option '--format'/],
  ];
  for (const [what, args, message] of mistakes) {
    it(`answers ${what} with one line and exit code 3`, async () => {
      const { exitCode, stdout, stderr } = await runTool(args);
      expect(exitCode).to.equal(3);
      expect(stdout).to.equal('');
      expect(stderr)
        .to.match(/^virt-clock-audit: [^\n]+\n$/)
        .and.match(message);
    });
  }

  for (const command of [[], ['audit'], ['remediate'], ['collect'], ['probe'], ['checks'], ['explain']]) {
    it(`explains ${command.join() || 'itself'} with --help`, async () => {
      const run = await runTool([...command, '--help']);
      expect(run).to.deep.include({ exitCode: 0, stderr: '' });
      expect(run.stdout).to.match(/^Usage: virt-clock-audit/);
      expect(run.stdout.split('\n').filter((line) => line.length > 100)).to.deep.equal([]);
    });
  }

  it('tells its version and the exit codes', async () => {
    expect((await runTool(['--version'])).stdout).to.match(/^\d+\.\d+\.\d+\n$/);
    expect((await runTool(['--help'])).stdout).to.match(/Exit codes: 0 all pass, 1 warnings, 2 failures, 3 /);
  });

  it('lists every check and explains each, by its name, too', async () => {
    const { stdout, exitCode } = await runTool(['checks']);
    expect(exitCode).to.equal(0);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split(' ')[0]),
    ).to.deep.equal(CHECKS.map(({ id }) => id));
    for (const { id, title, references } of CHECKS) {
      const explained = await runTool(['explain', id]);
      expect(explained).to.deep.include({ exitCode: 0, stderr: '' });
      expect(explained.stdout).to.match(/\nOutcomes\n {2}(?:pass|info) .*\n\nFix\n.*\n\nReferences\n/s);
      expect(explained.stdout).to.contain(`${id}: ${title}\n`);
      for (const { url } of references) expect(explained.stdout).to.contain(url);
      const name = id.replace(/^.*\//, '');
      const byName = await runTool(['explain', name]);
      expect(byName.stdout).to.contain(explained.stdout);
      const namesakes = CHECKS.filter((check) => check.id.endsWith(`/${name}`));
      if (namesakes.length === 1) expect(byName.stdout).to.equal(explained.stdout);
    }
  });

  it('explains the checks of the host and of domains that share a name', async () => {
    const { stdout, exitCode } = await runTool(['explain', 'ptp-kvm']);
    expect(exitCode).to.equal(0);
    expect(stdout)
      .to.match(/^host\/ptp-kvm: /)
      .and.match(/\n\ndomain\/ptp-kvm: /);
    expect((await runTool(['explain', 'host/ptp-kvm'])).stdout).to.not.contain('\ndomain/ptp-kvm: ');
  });

  it('has no escapes where nobody looks at a terminal, and with NO_COLOR', async function () {
    requireCommand(this, 'script');
    expect((await runTool([...source, '--host', '-v'], { env: { TERM: 'xterm' } })).stdout).to.not.contain(
      '\u001b',
    );
    const command = `'${process.execPath}' '${tool}' ${source.join(' ')} --host -v`;
    const onTerminal = (env: Record<string, string>) =>
      runProcess('script', ['-qec', command, '/dev/null'], { env });
    expect((await onTerminal({ TERM: 'xterm' })).stdout).to.contain('\u001b[');
    expect((await onTerminal({ TERM: 'xterm', NO_COLOR: '1' })).stdout).to.not.contain('\u001b');
    expect((await onTerminal({ TERM: 'dumb' })).stdout).to.not.contain('\u001b');
  });
});
