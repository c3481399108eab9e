import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { projectRoot, runProcess } from '../support/runTool.js';
import { scratchDirectory } from '../support/scratch.js';

describe('what is done before a process ends', () => {
  const scratch = scratchDirectory('ending');
  const at = (name: string) => join(scratch.path, name);
  after(() => scratch.remove());

  /** Runs a program that notes in files what was done, and tells how it ended. */
  async function run(lines: string): Promise<{ exitCode: number | null; done: string }> {
    const log = at('log');
    writeFileSync(log, '');
    const program = `
      import { appendFileSync } from 'node:fs';
      import { beforeEnding } from '${join(projectRoot, 'src/commands/ending.ts')}';
      const note = (name) => (signal) => appendFileSync('${log}', name + ':' + signal + ' ');
      ${lines}`;
    writeFileSync(at('program.ts'), program);
    const shell = 'node --import tsx "$1"; echo $? > "$2"';
    await runProcess('sh', ['-c', shell, 'sh', at('program.ts'), at('code')], { cwd: projectRoot });
    expect(existsSync(at('code'))).to.equal(true);
    return { exitCode: Number(readFileSync(at('code'), 'utf8')), done: readFileSync(log, 'utf8').trim() };
  }

  for (const [signal, code] of [
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const) {
    it(`is all done, in order, when ${signal} ends it`, async () => {
      const program = `
        beforeEnding(note('one'));
        beforeEnding(() => { throw new Error('this one fails'); });
        beforeEnding(note('two'));
        setTimeout(() => {}, 20_000);
        process.kill(process.pid, '${signal}');`;
      expect(await run(program)).to.deep.equal({ exitCode: code, done: `one:${signal} two:${signal}` });
    });
  }

  it('is done when it ends by itself, and when it exits', async () => {
    expect(await run("beforeEnding(note('one'));")).to.deep.equal({ exitCode: 0, done: 'one:null' });
    expect(await run("beforeEnding(note('one')); process.exit(7);")).to.deep.equal({
      exitCode: 7,
      done: 'one:null',
    });
  });

  it('is not done when it was taken back, and then no handler is left', async () => {
    const program = `
      const first = beforeEnding(note('one'));
      const second = beforeEnding(note('two'));
      first();
      second();
      if (process.listenerCount('SIGTERM') > 0) note('handler')(null);
      process.kill(process.pid, 'SIGTERM');
      setTimeout(() => {}, 20_000);`;
    expect(await run(program)).to.deep.equal({ exitCode: 143, done: '' });
  });
});
