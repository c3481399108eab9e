import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { collectorScript } from '../../src/recording/collectorScript.js';
import { SHELLS } from '../support/collectorRun.js';
import { requireCommand } from '../support/requirement.js';
import { projectRoot, runTool } from '../support/runTool.js';

const COLLECTOR = join(projectRoot, 'collector', 'collect.sh');

describe('the script of the collector', () => {
  it('has nothing that shellcheck objects to in a POSIX shell', function () {
    requireCommand(this, 'shellcheck');
    this.timeout(30_000);
    // Left out: braces around every variable, a default for every case, and a word on each command in $(…) that may fail.
    const excluded = 'SC2250,SC2249,SC2312';
    const { status, stdout } = spawnSync('shellcheck', ['-s', 'sh', '-o', 'all', '-e', excluded, COLLECTOR], {
      encoding: 'utf8',
    });
    expect(stdout).to.equal('');
    expect(status).to.equal(0);
  });

  it('writes no file: it redirects into nothing but descriptors and /dev/null', () => {
    const code = readFileSync(COLLECTOR, 'utf8')
      .split('\n')
      .filter((line) => !/^\s*#/.test(line))
      .join('\n')
      // Programs of awk and sed compare with the same signs.
      .replaceAll(/awk (?:-F\/ |-v \w+="\$\w+" )?'[^']*'/g, '')
      .replaceAll(/sed -n (?:'[^']*'|"[^"]*")/g, '');
    const targets = [...code.matchAll(/(?<![-=])>{1,2}\|?\s*([^\s;|)]+)/g)].map(([, target]) => target);
    expect(new Set(targets)).to.deep.equal(new Set(['/dev/null', '&1', '&2', '&3', '&4', '&-']));
    expect(code).not.to.match(/\b(eval|mktemp|tee|touch|mkdir|rm|mv|cp|dd|kill|trap)\b|<<|\/tmp/);
  });

  const HOSTILE = ["qemu:///it's", '$(reboot)', '`reboot`', 'a"b', "';reboot;'", '\\', '*', '-x'];
  for (const [name, shell] of Object.entries(SHELLS)) {
    it(`keeps its settings as they are, in ${name}`, function () {
      requireCommand(this, shell[0] ?? '');
      for (const connect of HOSTILE) {
        // Everything but what it does at the end.
        const script = collectorScript({ connect, chronyHost: connect }).replace(/^main <.*$/m, '');
        const [command = '', ...args] = shell;
        const show = 'printf "%s|%s|%s" "$virt_uri" "$chrony_host" "$deadline"\n';
        const { stdout, stderr } = spawnSync(command, args, { input: script + show, encoding: 'utf8' });
        expect([stdout, stderr]).to.deep.equal([`${connect}|${connect}|10`, '']);
      }
    });
  }

  it('takes whole seconds', () => {
    expect(collectorScript({ timeout: 2.5 })).to.match(/^deadline='3'$/m);
  });

  it('takes nothing that would be more than one line of the stream', () => {
    for (const value of ['a\0b', 'two\nlines', 'a\rb']) {
      for (const settings of [{ connect: value }, { chronyHost: value }])
        expect(() => collectorScript(settings)).to.throw(RangeError, 'holds a control character');
    }
  });

  it('is not printed for an address with a line break, which is bad usage', async () => {
    for (const option of ['--connect', '--chrony-host']) {
      const { exitCode, stdout, stderr } = await runTool(['collect', '--script', option, 'a\nb']);
      expect([exitCode, stdout]).to.deep.equal([3, '']);
      expect(stderr).to.include('It holds a control character');
    }
  });

  it('does nothing at all when its end is missing', function () {
    requireCommand(this, 'dash');
    const script = collectorScript();
    for (const share of [0.3, 0.6, 0.95]) {
      const { stdout } = spawnSync('dash', ['-s'], {
        input: script.slice(0, script.length * share),
        encoding: 'utf8',
      });
      expect(stdout).to.equal('');
    }
  });
});
