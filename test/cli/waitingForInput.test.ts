import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, cpSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { projectRoot, runProcess, tool } from '../support/runTool.js';
import { scratchDirectory } from '../support/scratch.js';
import { waitUntil } from '../support/waitUntil.js';

const FAILED = /^virt_clock_audit_run_success 0$/m;

describe('input that has to be waited for', () => {
  const scratch = scratchDirectory('waiting');
  const metrics = join(scratch.path, 'audit.prom');
  let count = 0;
  after(() => scratch.remove());
  const children: ChildProcess[] = [];
  // One that does not end by its signal would wait for ever.
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });
  beforeEach(() => writeFileSync(metrics, 'virt_clock_audit_run_success 1\n'));

  async function namedPipe(): Promise<string> {
    const pipe = join(scratch.path, `pipe-${count++}`);
    expect((await runProcess('mkfifo', [pipe])).exitCode).to.equal(0);
    return pipe;
  }

  /** Runs an audit with a descriptor as its standard input, until it ends or this test does. */
  function startAudit(args: readonly string[], input: number | 'ignore' = 'ignore') {
    const command = [tool, 'audit', '--no-config', ...args, '--format', `prometheus=${metrics}`];
    const child = spawn(process.execPath, [...command, '--format', 'nagios'], {
      stdio: [input, 'pipe', 'inherit'],
    });
    children.push(child);
    let stdout = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      stdout += chunk;
    });
    const ended = new Promise<{ code: number | null; signal: string | null; stdout: string }>((resolve) =>
      child.once('close', (code, signal) => resolve({ code, signal, stdout })),
    );
    return { child, ended };
  }

  /** Whoever may open a pipe for writing without waiting knows that somebody reads it. */
  const openOnceRead = (pipe: string) =>
    waitUntil('a reader', async () => openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK));

  /** Fills a pipe, and waits until something is read of it. */
  async function fillUntilRead(pipe: string): Promise<number> {
    const writer = openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
    const page = Buffer.alloc(4096, 0x20);
    const writePage = async () => writeSync(writer, page) > 0;
    try {
      for (;;) await writePage();
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).to.equal('EAGAIN');
    }
    await waitUntil('reading', writePage);
    return writer;
  }

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    const ending = {
      ...{ code: null, signal },
      stdout: `VIRT-CLOCK-AUDIT UNKNOWN - ${signal} ended the run before it had a result\n`,
    };

    for (const option of ['--domxml', '--from']) {
      it(`does not keep ${signal} from ending the run: ${option} with a named pipe`, async () => {
        const pipe = await namedPipe();
        const host = option === '--domxml' ? ['--no-host', '--timeout', '40'] : [];
        const { child, ended } = startAudit([option, pipe, ...host]);
        const writer = await openOnceRead(pipe);
        child.kill(signal);
        expect(await ended).to.deep.equal(ending);
        closeSync(writer);
        expect(readFileSync(metrics, 'utf8')).to.match(FAILED);
      });

      it(`does not keep ${signal} from ending the run: ${option} with standard input`, async () => {
        const pipe = await namedPipe();
        // It waits for a writer that is there, as a pipe in a shell does.
        const input = openSync(pipe, constants.O_RDWR);
        const { child, ended } = startAudit(
          [option, '-', ...(option === '--domxml' ? ['--no-host'] : [])],
          input,
        );
        const writer = await fillUntilRead(pipe);
        child.kill(signal);
        expect(await ended).to.deep.equal(ending);
        closeSync(writer);
        closeSync(input);
        expect(readFileSync(metrics, 'utf8')).to.match(FAILED);
      });
    }
  }

  it('may be standard input that is set not to be waited for', async () => {
    const pipe = await namedPipe();
    const input = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
    const { ended } = startAudit(['--domxml', '-', '--no-host'], input);
    const writer = await fillUntilRead(pipe);
    // As much as a pipe holds has room only where nothing is left in it.
    const whole = Buffer.alloc(64 * 1024, 0x20);
    await waitUntil('an empty pipe', async () => writeSync(writer, whole) === whole.length);
    await waitUntil('an empty pipe', async () => writeSync(writer, whole) === whole.length);
    const domain = "<domain type='kvm'><name>one</name></domain>";
    await waitUntil('room for a domain', async () => writeSync(writer, domain) === domain.length);
    closeSync(writer);
    closeSync(input);
    const { code, stdout } = await ended;
    expect(code).to.be.oneOf([0, 1, 2, 3]);
    expect(stdout).to.match(/'domains'=1;/);
  });

  for (const what of ['', ', where koffi is not installed'] as const) {
    it(`does not keep the tool from ending when something else goes wrong meanwhile${what}`, async () => {
      let root = projectRoot;
      if (what) {
        root = join(scratch.path, 'without koffi');
        for (const part of ['dist', 'package.json']) {
          cpSync(join(projectRoot, part), join(root, part), { recursive: true });
        }
      }
      const script = join(scratch.path, 'leave.mjs');
      const args = JSON.stringify(['--no-config', '--no-host', '--domxml', '-']);
      writeFileSync(
        script,
        [
          `const { leave, main } = await import(${JSON.stringify(join(root, 'dist/cli/entry.js'))});`,
          `void main(${args});`,
          // Its reading of standard input has begun once the handle for that is there.
          `while (!process.getActiveResourcesInfo().includes('PipeWrap')) await new Promise(setImmediate);`,
          `leave(3);`,
        ].join('\n'),
      );
      const pipe = await namedPipe();
      const input = openSync(pipe, constants.O_RDWR);
      const child = spawn(process.execPath, [script], { stdio: [input, 'inherit', 'inherit'] });
      children.push(child);
      const code = await new Promise((resolve) => child.once('exit', resolve));
      closeSync(input);
      expect(code).to.equal(3);
    });
  }
});
