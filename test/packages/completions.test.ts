import { join } from 'node:path';
import { expect } from 'chai';
import { requireCommand } from '../support/requirement.js';
import { projectRoot, runProcess } from '../support/runTool.js';
import { scratchDirectory } from '../support/scratch.js';

const directory = join(projectRoot, 'completions');

/** Lines without their last word's end, split as readline does, and what has to be among the words offered. */
const LINES: readonly (readonly [words: readonly string[], offered: readonly string[]])[] = [
  [['au'], ['audit']],
  [
    ['audit', '--fail-on', ''],
    ['warn', 'fail', 'unknown', 'never'],
  ],
  [['--form'], ['--format']],
  [['--vers'], ['--version']],
  [['--'], ['--version', '--help', '--format']],
  [['report', '--format', 'ju'], ['junit']],
  [['explain', 'domain/kvmc'], ['domain/kvmclock']],
  [['remediate', '--only', 'domain/rtc-tr'], ['domain/rtc-track']],
  [['--profile', 'scs'], ['scs-0129']],
  [['--set', 'fleetT'], ['fleetTimeZone=']],
  [['--config', '/etc/passw'], ['/etc/passwd']],
];

describe('completions', () => {
  it('work in bash', async function () {
    requireCommand(this, 'bash');
    const script =
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's own
      'source "$1"; shift; COMP_WORDS=(virt-clock-audit "$@"); COMP_CWORD=$#; _virt_clock_audit; printf "%s\\n" "${COMPREPLY[@]}"';
    const lines = [...LINES, [['--format', 'json', '=', '/etc/passw'], ['/etc/passwd']] as const];
    for (const [words, offered] of lines) {
      const args = ['--norc', '-c', script, 'bash', join(directory, 'virt-clock-audit.bash'), ...words];
      const { stdout, stderr } = await runProcess('bash', args);
      expect(stderr, words.join(' ')).to.equal('');
      expect(stdout.split('\n'), words.join(' ')).to.include.members([...offered]);
    }
  });

  it('offer in bash the hosts that bash-completion knows, and elsewhere those of the shell', async function () {
    requireCommand(this, 'bash');
    const script = (known: string) =>
      `source "$1"; ${known} COMP_WORDS=(virt-clock-audit --ssh root@comp); COMP_CWORD=2; _virt_clock_audit; printf "%s\\n" "\${COMPREPLY[@]}"`;
    const offered = async (known: string) => {
      const args = ['--norc', '-c', script(known), 'bash', join(directory, 'virt-clock-audit.bash')];
      const { stdout, stderr } = await runProcess('bash', args);
      expect(stderr).to.equal('');
      return stdout;
    };
    expect(await offered('_known_hosts_real() { COMPREPLY=("$2ute7"); };')).to.equal('root@compute7\n');
    expect(await offered('')).to.equal('\n');
  });

  it('satisfy shellcheck', async function () {
    requireCommand(this, 'shellcheck');
    const { stdout, exitCode } = await runProcess('shellcheck', [join(directory, 'virt-clock-audit.bash')]);
    expect(stdout).to.equal('');
    expect(exitCode).to.equal(0);
  });

  it('work in fish', async function () {
    requireCommand(this, 'fish');
    const scratch = scratchDirectory('vca-fish');
    for (const [words, offered] of LINES) {
      const script = 'source $argv[1]; complete -C $argv[2]';
      const line = `virt-clock-audit ${words.join(' ')}`;
      const args = ['-N', '-c', script, join(directory, 'virt-clock-audit.fish'), line];
      const { stdout } = await runProcess('fish', args, { env: { HOME: scratch.path } });
      const found = stdout.split('\n').map((it) => it.split('\t')[0]);
      expect(found, line).to.include.members([...offered]);
    }
    await scratch.remove();
  });

  it('work in zsh', async function () {
    requireCommand(this, 'zsh');
    const scratch = scratchDirectory('vca-zsh');
    const lines = LINES.filter(([, offered]) => offered.length === 1);
    for (const [words, [offered = '']] of lines) {
      const line = `virt-clock-audit ${words.join(' ')}`;
      // The line as it then stands, with its last word whole.
      const expected = `virt-clock-audit ${[...words.slice(0, -1), offered].join(' ')}`;
      const args = ['-f', join(import.meta.dirname, 'complete.zsh'), directory, line, expected];
      const { stdout } = await runProcess('zsh', args, { env: { HOME: scratch.path, TERM: 'dumb' } });
      expect(stdout, line).to.include(expected);
    }
    await scratch.remove();
  });

  it('load in zsh, which knows then what they are for', async function () {
    requireCommand(this, 'zsh');
    const script =
      'fpath=($1 $fpath); autoload -Uz compinit; compinit -u -D; print $_comps[virt-clock-audit]; autoload +X _virt-clock-audit && print loaded';
    const { stdout, stderr } = await runProcess('zsh', ['-f', '-c', script, 'zsh', directory]);
    expect(stderr).to.equal('');
    expect(stdout).to.equal('_virt-clock-audit\nloaded\n');
    const syntax = await runProcess('zsh', ['-f', '-n', join(directory, '_virt-clock-audit')]);
    expect(syntax.stderr).to.equal('');
  });
});
