import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { runTool } from '../support/runTool.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';

describe('a run that comes to no report', () => {
  let scratch: ScratchDirectory;
  const at = (name: string) => join(scratch.path, name);

  beforeEach(() => {
    scratch = scratchDirectory('failed');
    for (const name of ['a.prom', 'a.json', 'a.txt']) writeFileSync(at(name), 'old');
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

  it('leaves files of other forms as they were', async () => {
    await run('--from', 'absent.json', '--format', 'json=a.json', '--output', 'a.txt', '--format', 'sarif');
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
