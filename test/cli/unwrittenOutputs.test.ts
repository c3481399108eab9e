import { spawn } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { Outputs, OutputsFailed } from '../../src/cli/outputs.js';
import { Writing } from '../../src/cli/writing.js';
import type { Format } from '../../src/report/formats.js';
import { readExposition, singleValue } from '../support/prometheusText.js';
import { requireCommand, requireFact } from '../support/requirement.js';
import { projectRoot, runProcess, runTool, tool } from '../support/runTool.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';
import { agentChannelXml, goodClock, tinyDomainXml } from '../support/tinyDomain.js';
import { waitUntil } from '../support/waitUntil.js';

/** What metrics say of a run that has its report but not all of its outputs. */
const INCOMPLETE = { run_success: 1, exit_code: 3, outputs_failed: 1 };

describe('what a run cannot write', () => {
  let scratch: ScratchDirectory;
  let audit: string[];
  const at = (name: string) => join(scratch.path, name);
  const told = (name = 'a.prom') => {
    const series = readExposition(readFileSync(at(name), 'utf8'));
    const value = (metric: string) => singleValue(series, `virt_clock_audit_${metric}`);
    return Object.fromEntries(Object.keys(INCOMPLETE).map((it) => [it, value(it)]));
  };
  const run = (...args: string[]) => runTool([...audit, ...args], { cwd: scratch.path });
  /** Runs the tool by a shell, with what stands behind its arguments. */
  const inShell = (redirected: string, ...args: string[]) =>
    runProcess('sh', ['-c', `"$0" "$@" ${redirected}`, process.execPath, tool, ...args], {
      cwd: scratch.path,
    });

  beforeEach(() => {
    scratch = scratchDirectory('unwritten');
    const clock = goodClock("<timer name='rtc' track='guest'/>");
    writeFileSync(
      at('one.xml'),
      tinyDomainXml({ name: 'one', clock, devices: agentChannelXml, type: 'kvm' }),
    );
    audit = ['--domxml', 'one.xml', '--no-host'];
  });
  afterEach(() => scratch.remove());

  describe('on a full disk below standard error', () => {
    const silent = (...args: string[]) => inShell('2>/dev/full', ...args);

    it('changes neither how a failed run ends nor what its outputs say', async () => {
      writeFileSync(at('a.prom'), 'old');
      const outputs = ['--format', 'prometheus=a.prom', '--format', 'nagios'];
      const failed = await silent(...audit, '--bogus', ...outputs);
      expect(failed.stdout).to.match(/^VIRT-CLOCK-AUDIT UNKNOWN - unknown option '--bogus'.*\n$/);
      expect(failed.exitCode).to.equal(3);
      expect(readFileSync(at('a.prom'), 'utf8')).to.match(/^virt_clock_audit_run_success 0$/m);
    });

    it('changes nothing about a report that was made', async () => {
      const outputs = ['--format', 'json=missing/a.json', '--format', 'prometheus=a.prom'];
      expect((await silent(...audit, ...outputs)).exitCode).to.equal(3);
      expect(told()).to.deep.equal(INCOMPLETE);
    });

    for (const [what, args, exitCode] of [
      ['a word that is no command', ['bogus'], 3],
      ['collect', ['collect', '--no-host', '--domxml', 'absent.xml'], 3],
      ['remediate', ['remediate', '--no-host', '--domxml', 'one.xml', '--output', 'patches'], 2],
    ] as const) {
      it(`is no other end of ${what}`, async () => {
        expect((await silent(...args)).exitCode).to.equal(exitCode);
      });
    }

    it('is no other end of a crash', async () => {
      const script = at('crash.mjs');
      const program = join(projectRoot, 'dist/cli/entry.js');
      writeFileSync(
        script,
        `const { crash } = await import('${program}');
        process.on('uncaughtException', crash);
        setTimeout(() => { throw new Error('nobody expected this'); }, 1);`,
      );
      const args = ['-c', '"$0" "$1" 2>/dev/full', process.execPath, script];
      expect((await runProcess('sh', args)).exitCode).to.equal(3);
    });

    it('is no other end of a checkout that was not built', async () => {
      mkdirSync(at('bin'));
      writeFileSync(at('bin/tool.mjs'), readFileSync(tool));
      const args = ['-c', '"$0" "$1" 2>/dev/full', process.execPath, at('bin/tool.mjs')];
      expect((await runProcess('sh', args)).exitCode).to.equal(3);
    });
  });

  for (const [first, ...others] of [['checks'], ['explain', 'rtc-track'], ['--help'], ['--version']]) {
    it(`is told in one line by ${first}`, async () => {
      writeFileSync(at('a.prom'), 'old');
      const more = first?.startsWith('-') ? ['--format', 'prometheus=a.prom'] : [];
      const failed = await inShell('>/dev/full', first ?? '', ...others, ...more);
      expect(failed.stderr).to.equal(
        'virt-clock-audit: cannot write to standard output: the device is full (ENOSPC)\n',
      );
      expect(failed.exitCode).to.equal(3);
      expect(readFileSync(at('a.prom'), 'utf8'), 'no run, and no failed one').to.equal('old');
    });
  }

  it('does not take the report away where it is a patch', async () => {
    mkdirSync(at('patches/one.patch'), { recursive: true });
    const outputs = ['--format', 'nagios', '--format', 'prometheus=a.prom', '--format', 'junit=a.xml'];
    const failed = await run('--patch', 'patches', ...outputs);
    expect(failed.stderr).to.match(/^virt-clock-audit: cannot write patches\/one\.patch: [^\n]*\n$/);
    expect(failed.exitCode).to.equal(3);
    expect(failed.stdout).to.match(/^VIRT-CLOCK-AUDIT UNKNOWN - cannot write patches\/one\.patch: [^\n]*\n$/);
    expect(told()).to.deep.equal(INCOMPLETE);
    expect(readFileSync(at('a.xml'), 'utf8'))
      .to.contain('domain/rtc-track')
      .and.to.not.contain('run-failed');
  });

  for (const [what, outputs] of [
    ['a form that tells how the run ended, too', ['--format', 'nagios=missing/line']],
    ['the second file of its form', ['--format', 'prometheus=missing/b.prom']],
  ] as const) {
    it(`is told by the metrics where it is ${what}`, async () => {
      const failed = await run('--format', 'prometheus=a.prom', ...outputs);
      expect(failed.stderr).to.match(/^virt-clock-audit: cannot write missing\/[^\n]*\n$/);
      expect(failed.exitCode).to.equal(3);
      expect(told()).to.deep.equal(INCOMPLETE);
    });
  }

  for (const form of ['nagios', 'text']) {
    it(`is told by the metrics where it is ${form} on standard output`, async () => {
      const outputs = ['--format', form, '--format', 'prometheus=a.prom'];
      const failed = await inShell('>/dev/full', ...audit, ...outputs);
      expect(failed.stderr).to.match(/^virt-clock-audit: cannot write to standard output: [^\n]*\n$/);
      expect(failed.exitCode).to.equal(3);
      expect(told()).to.deep.equal(INCOMPLETE);
    });
  }

  it('is told by the metrics where it is the line of what changed; then the next run tells it', async () => {
    const scheduled = [...audit, '--state', 'state.json', '--format', 'prometheus=a.prom'];
    const failed = await inShell('>/dev/full', ...scheduled, '--format', 'json=a.json');
    expect(failed.stderr).to.match(/^virt-clock-audit: cannot write to standard output: [^\n]*\n$/);
    expect(failed.exitCode).to.equal(3);
    expect(told()).to.deep.equal(INCOMPLETE);
    expect(JSON.parse(readFileSync(at('a.json'), 'utf8')).summary.exitCode).to.equal(2);
    expect(existsSync(at('state.json'))).to.equal(false);
    const next = await inShell('', ...scheduled);
    expect(next.stdout).to.match(/ new: failure domain\/rtc-track \(guest\) on one\n$/);
    expect(told()).to.deep.equal({ run_success: 1, exit_code: 2, outputs_failed: 0 });
  });

  it('is the line of what changed where its reader has gone; then the next run tells it', async () => {
    const scheduled = [...audit, '--state', 'state.json', '--format', 'prometheus=a.prom'];
    const child = spawn(process.execPath, [tool, ...scheduled], {
      ...{ cwd: scratch.path, env: {} },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    expect(await new Promise((resolve) => child.on('close', resolve))).to.equal(3);
    expect(stderr).to.equal(
      'virt-clock-audit: cannot write to standard output: its reader has gone (EPIPE); the next run will tell what changed\n',
    );
    expect(told()).to.deep.equal(INCOMPLETE);
    expect(existsSync(at('state.json'))).to.equal(false);
    expect((await inShell('', ...scheduled)).stdout).to.match(/ new: failure domain\/rtc-track /);
  });

  it('is told by the metrics where there is no lock', async () => {
    symlinkSync('/nonexistent', at('state.json.lock'));
    const failed = await run('--state', 'state.json', '--format', 'prometheus=a.prom');
    expect(failed.stderr).to.match(/; runs may overlap\n$/);
    expect(told()).to.deep.equal(INCOMPLETE);
  });

  it('is told by the metrics where it is the state', async function () {
    requireCommand(this, 'unshare');
    requireFact(this, process.getuid?.() === 0, 'only root may mount');
    mkdirSync(at('states'));
    const script = 'mount -t tmpfs -o ro none states && "$0" "$@"';
    const scheduled = [...audit, '--state', 'states/state.json', '--format', 'prometheus=a.prom'];
    const command = ['--mount', 'sh', '-c', script, process.execPath, tool, ...scheduled];
    const failed = await runProcess('unshare', command, { cwd: scratch.path });
    expect(failed.stderr).to.match(/^virt-clock-audit: cannot write the state [^\n]*\(EROFS\);[^\n]*\n$/);
    expect(failed.exitCode).to.equal(3);
    expect(told()).to.deep.equal(INCOMPLETE);
  });

  it('is no reason to hold up a signal where its reader does not read', async function () {
    requireCommand(this, 'mkfifo');
    const xml = readFileSync(at('one.xml'), 'utf8');
    mkdirSync(at('many'));
    // More than a pipe holds.
    for (let index = 0; index < 20; index++) writeFileSync(at(`many/${index}.xml`), xml);
    await runProcess('mkfifo', [at('pipe')]);
    const pipe = openSync(at('pipe'), constants.O_RDWR | constants.O_NONBLOCK);
    const outputs = ['--format', 'json', '--format', 'prometheus=a.prom'];
    const child = spawn(process.execPath, [tool, '--no-host', '--domxml', 'many', ...outputs], {
      ...{ cwd: scratch.path, env: {} },
      stdio: ['ignore', pipe, 'ignore'],
    });
    const ended = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
    try {
      await waitUntil('the report', async () => holdsSomething(pipe));
      child.kill('SIGTERM');
      const tooLate = new Promise((resolve) => setTimeout(resolve, 20_000, 'too late').unref());
      expect(await Promise.race([ended, tooLate])).to.equal('SIGTERM');
      expect(told()).to.deep.equal({ run_success: 1, exit_code: 2, outputs_failed: 0 });
    } finally {
      child.kill('SIGKILL');
      closeSync(pipe);
    }
  });

  it('is no reason to hold up a signal in a run that failed either', async function () {
    requireCommand(this, 'mkfifo');
    await runProcess('mkfifo', [at('pipe')]);
    const pipe = openSync(at('pipe'), constants.O_RDWR | constants.O_NONBLOCK);
    expect(() => {
      for (;;) writeSync(pipe, Buffer.alloc(4096));
    }).to.throw('EAGAIN');
    const outputs = ['--format', 'nagios', '--format', 'prometheus=a.prom'];
    const child = spawn(process.execPath, [tool, '--from', 'absent.json', ...outputs], {
      ...{ cwd: scratch.path, env: {} },
      stdio: ['ignore', pipe, 'ignore'],
    });
    let signal: string | null = null;
    child.once('exit', (_, by) => {
      signal = by;
    });
    try {
      await waitUntil('the metrics', async () => existsSync(at('a.prom')));
      // The first one may come before the handlers are gone.
      await waitUntil('the end', async () => signal !== null || (child.kill('SIGTERM') && false));
      expect(signal).to.equal('SIGTERM');
      expect(readFileSync(at('a.prom'), 'utf8')).to.match(/^virt_clock_audit_run_success 0$/m);
    } finally {
      child.kill('SIGKILL');
      closeSync(pipe);
    }
  });

  it('is told by the others where a form crashes, which stands there as of a failed run', () => {
    const form = (render: () => string): Format => ({
      render,
      renderFailure: ({ messages }) => `failed: ${messages[0]?.split('\n')[0]}`,
      renderIncomplete: (_, { failedOutputs }) => (render() === '' ? '' : `incomplete ${failedOutputs}`),
    });
    const crashing = form(() => {
      throw new TypeError('nobody expected this');
    });
    const output = (name: string, it: Format) => ({
      ...{ file: at(name), isStream: false, format: 'nagios' as const, form: it },
      render: () => it.render([], { colour: false, verbose: false }),
    });
    const good = form(() => 'whole');
    const writing = new Writing(new Outputs([output('a', good), output('b', crashing)]), []);
    writing.writeFiles();
    writing.writeStreams();
    expect(() => writing.end()).to.throw(OutputsFailed, /^internal error: TypeError: nobody expected this/);
    expect(readFileSync(at('a'), 'utf8')).to.equal('incomplete 1');
    expect(readFileSync(at('b'), 'utf8')).to.equal('failed: internal error: TypeError: nobody expected this');
  });
});

/** Takes a byte from a pipe, where there is one. */
function holdsSomething(pipe: number): boolean {
  try {
    return readSync(pipe, Buffer.alloc(1)) === 1;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    return false;
  }
}
