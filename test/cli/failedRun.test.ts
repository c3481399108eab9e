import { linkSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { runProcess, runTool, tool } from '../support/runTool.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';

describe('a run that comes to no report', () => {
  let scratch: ScratchDirectory;
  const at = (name: string) => join(scratch.path, name);

  beforeEach(() => {
    scratch = scratchDirectory('failed');
    for (const name of ['a.prom', 'a.json', 'a.txt', 'a.xml', 'a.sarif']) writeFileSync(at(name), 'old');
  });
  afterEach(() => scratch.remove());

  const run = (...args: string[]) => runTool(args, { cwd: scratch.path });

  for (const [what, args] of [
    ['facts that are not there', ['--from', 'absent.json', '--format', 'prometheus=a.prom']],
    ['an option that there is not', ['--format=prometheus=a.prom', '--nonsense']],
    ['--output', ['--from', 'absent.json', '--format', 'prometheus', '--output', 'a.prom']],
    ['-o beside its file', ['--from', 'absent.json', '--format', 'prometheus', '-oa.prom']],
    ['-o behind another short option', ['--from', 'absent.json', '--format', 'prometheus', '-vo', 'a.prom']],
    [
      'a saved report that is not there',
      ['report', '--from', 'absent.json', '--format', 'prometheus=a.prom'],
    ],
  ] as const) {
    it(`replaces a file that would be taken for its result, with ${what}`, async () => {
      const failed = await run(...args);
      expect(failed).to.deep.include({ exitCode: 3, stdout: '' });
      expect(failed.stderr).to.match(/^virt-clock-audit: [^\n]+\n$/);
      expect(readFileSync(at('a.prom'), 'utf8')).to.match(/^virt_clock_audit_run_success 0$/m);
    });
  }

  it('is no result for CI servers and code scanning, which would go on showing the last one', async () => {
    const failed = await run('--from', 'absent.json', '--format', 'junit=a.xml', '--format', 'sarif=a.sarif');
    expect(failed).to.deep.include({ exitCode: 3, stdout: '' });
    expect(readFileSync(at('a.xml'), 'utf8')).to.match(/<error type="run-failed" message="[^"]*absent\.json/);
    const [sarif] = JSON.parse(readFileSync(at('a.sarif'), 'utf8')).runs;
    expect(sarif.invocations[0].executionSuccessful).to.equal(false);
    expect(sarif.invocations[0].toolExecutionNotifications[0].message.text).to.contain('absent.json');
    const printed = await run('--from', 'absent.json', '--format', 'junit');
    expect(printed.stdout).to.match(/^<\?xml [\s\S]*run-failed/);
  });

  for (const [what, args] of [
    ['two forms', ['--format', 'junit=a.xml', '--format', 'sarif=./a.xml']],
    ['the state and a form', ['--state', 'a.xml', '--format', 'junit=a.xml', '--nonsense']],
  ] as const) {
    it(`leaves a file alone that ${what} would go to`, async () => {
      expect((await run('--from', 'absent.json', ...args)).exitCode).to.equal(3);
      expect(readFileSync(at('a.xml'), 'utf8')).to.equal('old');
    });
  }

  describe('leaves alone what it was to read:', () => {
    const SARIF = ['--format', 'sarif=./a.sarif', '--format', 'prometheus=a.prom'];
    const isTold = () =>
      expect(readFileSync(at('a.prom'), 'utf8')).to.match(/^virt_clock_audit_run_success 0$/m);

    for (const [what, args] of [
      ['--from', ['--from', 'a.sarif']],
      ['--from of report', ['report', '--from', 'a.json', '--from=a.sarif']],
      ['--from by a hard link', ['--from', 'hard']],
      ['--domxml', ['--domxml', 'a.sarif']],
      ['--config', ['--from', 'a.json', '--config', 'a.sarif']],
      ['--ssh-config', ['--ssh', 'h', '--ssh-config', 'a.sarif']],
      ['what --patch writes', ['--from', 'a.json', '--patch', '.']],
    ] as const) {
      it(what, async () => {
        linkSync(at('a.sarif'), at('hard'));
        const refused = await run(...args, ...SARIF);
        expect(refused).to.deep.include({ exitCode: 3, stdout: '' });
        expect(refused.stderr).to.match(
          /^virt-clock-audit: the output (\.\/a\.sarif|a\.prom) would be in the place of --\S+ \S+; name another file\n$/,
        );
        expect(readFileSync(at('a.sarif'), 'utf8')).to.equal('old');
        if (what !== 'what --patch writes') isTold();
        // Nor is it what a failure overwrites that comes before anybody looks at the outputs.
        await run(...args, ...SARIF, '--nonsense');
        expect(readFileSync(at('a.sarif'), 'utf8')).to.equal('old');
      });
    }

    it('a definition in a directory', async () => {
      const refused = await run('--domxml', '.', '--format', 'junit=a.xml', '--format', 'prometheus=a.prom');
      expect(refused.stderr).to.match(/: the output a\.xml would be in the place of --domxml \.; /);
      expect(readFileSync(at('a.xml'), 'utf8')).to.equal('old');
      isTold();
    });

    it('standard input', async () => {
      const script = '"$0" "$@" <a.sarif';
      const args = ['-c', script, process.execPath, tool, '--from', '-', ...SARIF];
      const refused = await runProcess('sh', args, { cwd: scratch.path });
      expect(refused.stderr).to.match(/would be in the place of --from -; /);
      expect(readFileSync(at('a.sarif'), 'utf8')).to.equal('old');
    });
  });

  it('prints one thing', async () => {
    const failed = await run('--from', 'absent.json', '--format', 'nagios', '--format', 'junit');
    expect(failed.stdout).to.match(/^VIRT-CLOCK-AUDIT UNKNOWN - [^\n]+\n$/);
  });

  it('leaves files of other forms as they were', async () => {
    await run(
      '--from',
      'absent.json',
      '--format',
      'json=a.json',
      '--output',
      'a.txt',
      '--format',
      'markdown',
    );
    expect(readFileSync(at('a.json'), 'utf8')).to.equal('old');
    expect(readFileSync(at('a.txt'), 'utf8')).to.equal('old');
  });

  it('does nothing for a command that writes no reports', async () => {
    await run('collect', '--from', 'absent.json', '--output', 'a.prom', '--format', 'prometheus');
    expect(readFileSync(at('a.prom'), 'utf8')).to.equal('old');
  });

  it('tells when it cannot even write that', async () => {
    const failed = await run('--from', 'absent.json', '--format', 'prometheus=no/a.prom');
    expect(failed.exitCode).to.equal(3);
    expect(failed.stderr).to.match(/absent\.json[^\n]+\nvirt-clock-audit: cannot write no\/a\.prom: /);
  });
});
