import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { projectRoot, tool } from '../support/runTool.js';
import { scratchDirectory } from '../support/scratch.js';
import { waitUntil } from '../support/waitUntil.js';

describe('a run whose package is replaced while it waits', () => {
  const scratch = scratchDirectory('replaced');
  after(() => scratch.remove());

  it('still looks, and writes what it found in each form', async () => {
    const copy = join(scratch.path, 'copy');
    mkdirSync(copy);
    for (const part of ['bin', 'dist', 'package.json']) {
      cpSync(join(projectRoot, part), join(copy, part), { recursive: true });
    }
    symlinkSync(join(projectRoot, 'node_modules'), join(copy, 'node_modules'));
    const place = (name: string) => join(scratch.path, name);
    const forms = ['json', 'prometheus', 'junit', 'sarif', 'nagios', 'markdown', 'text'];
    const guest = join(projectRoot, 'test/fixtures/domxml/rtc-track-guest.xml');
    const lock = place('state.json.lock');
    const child = spawn(
      process.execPath,
      [
        ...[tool.replace(projectRoot, copy), 'audit', '--no-host', '--domxml', guest],
        ...['--state', place('state.json'), '--jitter', '4'],
        ...forms.flatMap((form) => ['--format', `${form}=${place(form)}`]),
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk;
    });
    const ended = once(child, 'close');
    await waitUntil('the lock', async () => existsSync(lock) && statSync(lock).size > 0);
    rmSync(join(copy, 'dist'), { recursive: true });
    const [exitCode] = await ended;
    expect({ said, exitCode }).to.deep.equal({ said: '', exitCode: 2 });
    expect(forms.filter((form) => !existsSync(place(form)))).to.deep.equal([]);
    expect(readFileSync(place('prometheus'), 'utf8')).to.include('virt_clock_audit_run_success 1\n');
  });
});
