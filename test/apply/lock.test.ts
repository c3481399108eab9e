import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { takeLock } from '../../src/apply/lock.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';

const uid = process.getuid?.() ?? 0;

describe('the lock of runs that change definitions', function () {
  this.timeout(30_000);
  let scratch: ScratchDirectory;

  before(() => {
    scratch = scratchDirectory('vca-lock');
  });
  after(() => scratch.remove());

  /** Another process that has the lock until it is killed. */
  async function holder(directory: string) {
    const module = join(import.meta.dirname, '..', '..', 'src', 'apply', 'lock.ts');
    const script = `const { takeLock } = await import(${JSON.stringify(module)});
      await takeLock(${JSON.stringify(directory)}, ${uid}, 5); console.log('held'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    return {
      pid: child.pid,
      kill: () =>
        new Promise<void>((resolve) => {
          child.once('exit', () => resolve());
          child.kill('SIGKILL');
        }),
    };
  }

  async function refusal(directory: string, waitSeconds: number): Promise<string> {
    try {
      (await takeLock(directory, uid, waitSeconds)).release();
      return 'taken';
    } catch (error) {
      return `${(error as Error).name}: ${(error as Error).message}`;
    }
  }

  it('is had by one process at a time, and the other is told by whom', async () => {
    const directory = join(scratch.path, 'one');
    const other = await holder(directory);
    try {
      const startedAt = performance.now();
      expect(await refusal(directory, 0.4)).to.match(
        new RegExp(`^LockUnavailable: another run \\(process ${other.pid}\\) is changing definitions`),
      );
      expect(performance.now() - startedAt).to.be.above(390);
    } finally {
      await other.kill();
    }
  });

  it('is free again when its holder was killed', async () => {
    const directory = join(scratch.path, 'killed');
    const other = await holder(directory);
    const waiting = refusal(directory, 20);
    await other.kill();
    expect(await waiting).to.equal('taken');
    expect(readFileSync(join(directory, 'apply.lock'), 'utf8')).to.equal('');
  });

  it('is private, and follows no link', async () => {
    const directory = join(scratch.path, 'private');
    expect(await refusal(directory, 0)).to.equal('taken');
    expect(statSync(directory).mode & 0o777).to.equal(0o700);
    const trap = join(scratch.path, 'trap');
    mkdirSync(trap, { mode: 0o700 });
    symlinkSync('/dev/null', join(trap, 'apply.lock'));
    expect(await refusal(trap, 0)).to.match(
      /^LockUnavailable: the lock .* cannot be opened: it is a link, which is not followed$/,
    );
    symlinkSync(directory, join(scratch.path, 'link'));
    expect(await refusal(join(scratch.path, 'link'), 0)).to.match(/is not a directory of this user/);
  });
});
