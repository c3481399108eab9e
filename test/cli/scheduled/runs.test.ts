import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { requireCommand, requireFact } from '../../support/requirement.js';
import { runProcess, runTool, type ToolRun, tool } from '../../support/runTool.js';
import { ordinaryUser, scratchDirectory } from '../../support/scratch.js';
import { agentChannelXml, goodClock, tinyDomainXml } from '../../support/tinyDomain.js';
import { waitUntil } from '../../support/waitUntil.js';

const domain = (track: string) =>
  tinyDomainXml({
    ...{ name: 'web', clock: goodClock(`<timer name='rtc' track='${track}'/>`), type: 'kvm' },
    devices: agentChannelXml,
  });
const GONE = / nothing is wrong any more; gone: failure domain\/rtc-track \(guest\) on web\n$/;
const NEW = /^virt-clock-audit: \S+: 1 failure; new: failure domain\/rtc-track \(guest\) on web\n$/;

describe('an audit in cron', () => {
  const scratch = scratchDirectory('cron');
  const isRoot = process.getuid?.() === 0;
  let definition: string;
  let directory: string;
  let state: string;
  let audit: string[];
  let count = 0;

  const define = (track: string) => writeFileSync(definition, domain(track));
  const run = (...more: string[]) => runTool([...audit, ...more]);
  const asExpected = ({ exitCode, stdout, stderr }: ToolRun) => ({ exitCode, stdout, stderr });

  beforeEach(() => {
    directory = join(scratch.path, `${count++}`);
    mkdirSync(directory);
    definition = join(directory, 'web.xml');
    state = join(directory, 'state.json');
    audit = ['audit', '--domxml', definition, '--state', state];
    define('guest');
  });
  after(() => scratch.remove());

  it('prints one line when something changed and is silent otherwise; the exit code stays that of the audit', async () => {
    const first = await run();
    expect(first.stdout).to.match(NEW);
    expect(first).to.deep.include({ exitCode: 2, stderr: '' });
    expect(asExpected(await run())).to.deep.equal({ exitCode: 2, stdout: '', stderr: '' });
    define('wall');
    const recovered = await run();
    expect(recovered.stdout).to.match(GONE);
    expect(recovered).to.deep.include({ exitCode: 0, stderr: '' });
    expect(asExpected(await run())).to.deep.equal({ exitCode: 0, stdout: '', stderr: '' });
    expect(statSync(state).mode & 0o777).to.equal(0o600);
  });

  it('is silent in a first run in which nothing is wrong, and makes the directory of the state', async () => {
    define('wall');
    const place = join(directory, 'var', 'lib', 'state.json');
    const { exitCode, stdout, stderr } = await runTool(['--domxml', definition, '--state', place]);
    expect({ exitCode, stdout, stderr }).to.deep.equal({ exitCode: 0, stdout: '', stderr: '' });
    expect(JSON.parse(readFileSync(place, 'utf8'))).to.deep.include({
      schema: 'virt-clock-audit/state',
      schemaVersion: '1.0',
      entries: [],
    });
  });

  it('still writes the forms that go to files', async () => {
    const files = [join(directory, 'report.json'), join(directory, 'report.txt')];
    for (const isFirst of [true, false]) {
      const told = await run('--format', `json=${files[0]}`, '--format', `text=${files[1]}`);
      expect(told.stdout === '').to.equal(!isFirst);
      expect(JSON.parse(readFileSync(files[0] ?? '', 'utf8')).summary.exitCode).to.equal(2);
      for (const file of files) rmSync(file);
    }
    await run('--output', files[1] ?? '');
    expect(readFileSync(files[1] ?? '', 'utf8')).to.contain('exit code 2');
  });

  it('refuses a form on standard output, which is for what changed', async () => {
    for (const more of [
      ['--format', 'json'],
      ['--format', 'json=-'],
      ['--output', '-'],
    ]) {
      expect(asExpected(await run(...more)), more.join(' ')).to.deep.equal({
        exitCode: 3,
        stdout: '',
        stderr: `virt-clock-audit: --state keeps standard output for what changed; write --format ${more[0] === '--output' ? 'text' : 'json'}=FILE\n`,
      });
    }
    expect(existsSync(state)).to.equal(false);
  });

  it('tells what changed even where an output cannot be written', async () => {
    const failed = await run('--format', `json=${join(directory, 'none', 'report.json')}`);
    expect(failed.stdout).to.match(NEW);
    expect(failed.stderr).to.match(/^virt-clock-audit: cannot write .*report.json: .*\(ENOENT\)\n$/);
    expect(failed.exitCode).to.equal(3);
    expect((await run()).stdout).to.equal('');
  });

  const spoilt: Readonly<Record<string, { spoil: (state: string) => void; words: RegExp }>> = {
    garbled: { spoil: (path) => writeFileSync(path, '{"schema'), words: /it is no JSON/ },
    'of another version': {
      spoil: (path) => writeFileSync(path, readFileSync(path, 'utf8').replace('"1.0"', '"2.0"')),
      words: /schemaVersion is not "1.0"/,
    },
    'what others may write': { spoil: (path) => chmodSync(path, 0o666), words: /others may write it/ },
  };
  for (const [what, { spoil, words }] of Object.entries(spoilt)) {
    it(`counts a state that is ${what} as none, says so once, and replaces it`, async () => {
      await run();
      spoil(state);
      const told = await run();
      expect(told.stdout).to.match(NEW);
      expect(told.stderr).to.match(
        /^virt-clock-audit: the state \S+ counted as none, and was replaced: .*\n$/,
      );
      expect(told.stderr).to.match(words);
      expect(told.exitCode).to.equal(2);
      expect(asExpected(await run())).to.deep.equal({ exitCode: 2, stdout: '', stderr: '' });
      expect(statSync(state).mode & 0o777).to.equal(0o600);
    });
  }

  it("does not believe a state of somebody else's", async function () {
    requireFact(this, isRoot, 'only root can give a file away');
    await run();
    chownSync(state, 65534, 65534);
    expect((await run()).stderr).to.match(/: it belongs to another user \(65534\)\n$/);
    expect(statSync(state).uid).to.equal(0);
  });

  it('follows no link to a lock', async () => {
    const victim = join(directory, 'victim');
    writeFileSync(victim, 'precious');
    symlinkSync(victim, `${state}.lock`);
    const unlocked = await run();
    expect(unlocked.stderr).to.equal(
      `virt-clock-audit: the lock ${state}.lock cannot be opened: it is a link, which is not followed; runs may overlap\n`,
    );
    expect(unlocked.stdout).to.match(NEW);
    expect(unlocked.exitCode).to.equal(3);
    expect(readFileSync(victim, 'utf8')).to.equal('precious');
  });

  it('empties no file that is only called as a lock is', async () => {
    writeFileSync(`${state}.lock`, 'precious');
    const unlocked = await run();
    expect(unlocked.stderr).to.match(/holds something else than a lock does; .*; runs may overlap\n$/);
    expect(unlocked.exitCode).to.equal(3);
    expect(readFileSync(`${state}.lock`, 'utf8')).to.equal('precious');
  });

  describe('replaces nothing but a state:', () => {
    const refused = async (words: RegExp | string, ...more: string[]) => {
      const { exitCode, stdout, stderr } = await run(...more);
      expect({ exitCode, stdout }, stderr).to.deep.equal({ exitCode: 3, stdout: '' });
      expect(stderr).to.match(/^virt-clock-audit: --state [^\n]*; name another (file|for the state)\n$/);
      expect(stderr).to.contain(words);
    };

    for (const content of ['profile: nova\n', '{}\n', '[', 'virt_clock_audit_run_success 1\n', '\n']) {
      it(`leaves a file that holds ${JSON.stringify(content)} alone`, async () => {
        writeFileSync(state, content);
        await refused('it holds something else');
        expect(readFileSync(state, 'utf8')).to.equal(content);
        expect(existsSync(`${state}.lock`)).to.equal(false);
      });
    }

    it('takes an empty file', async () => {
      writeFileSync(state, '');
      expect((await run()).stdout).to.match(NEW);
      expect(asExpected(await run())).to.deep.equal({ exitCode: 2, stdout: '', stderr: '' });
    });

    it('leaves a link, a directory and a pipe alone', async function () {
      requireCommand(this, 'mkfifo');
      const victim = join(directory, 'victim');
      writeFileSync(victim, '');
      symlinkSync(victim, state);
      await refused('it is a link, which is not followed');
      rmSync(state);
      mkdirSync(state);
      await refused('it is a directory');
      rmSync(state, { recursive: true });
      await runProcess('mkfifo', [state]);
      await refused('it is no regular file');
      expect(statSync(state).isFIFO()).to.equal(true);
    });

    it('refuses the file of another option, also by another path and before it is there', async () => {
      symlinkSync(directory, join(directory, 'same'));
      const other = join(directory, 'same', 'state.json');
      for (const [option, file] of [
        ['--format', `json=${other}`],
        ['--format', `json=${other}.lock`],
        ['--output', other],
        ['--patch', other],
      ] as const) {
        await refused(`and ${option} `, option, file);
        expect([state, `${state}.lock`].map((path) => existsSync(path))).to.deep.equal([false, false]);
      }
      writeFileSync(state, 'profile: nova\n');
      await refused('and --config ', '--config', other);
      expect(readFileSync(state, 'utf8')).to.equal('profile: nova\n');
      audit[audit.indexOf('--state') + 1] = definition;
      await refused('and --domxml ');
      expect(readFileSync(definition, 'utf8')).to.equal(domain('guest'));
    });

    it('leaves alone what came there while it ran', async () => {
      const pipe = join(directory, 'pipe.xml');
      await runProcess('mkfifo', [pipe]);
      audit[audit.indexOf('--domxml') + 1] = pipe;
      const ended = run();
      await waitUntil('the lock', async () => existsSync(`${state}.lock`));
      writeFileSync(state, 'precious');
      writeFileSync(pipe, domain('guest'));
      const told = await ended;
      expect(told.stderr).to.match(
        /: cannot write the state \S+: it holds something else, and is no state; /,
      );
      expect(told.exitCode).to.equal(3);
      expect(readFileSync(state, 'utf8')).to.equal('precious');
    });
  });

  it("does the same in a directory that this user may not write, and leaves the last run's state alone", async function () {
    requireFact(this, isRoot, 'it takes another user than the one that made the directory');
    await run();
    const old = readFileSync(state, 'utf8');
    const user = ordinaryUser();
    chownSync(state, 65534, 65534);
    rmSync(`${state}.lock`);
    define('wall');
    const told = await runTool(audit, { user });
    expect(told.stdout).to.match(GONE);
    expect(told.stderr).to.match(
      /^virt-clock-audit: cannot write the state \S+: this user may not \(EACCES\); [^\n]*\n$/,
    );
    expect(told.exitCode).to.equal(3);
    expect(readFileSync(state, 'utf8')).to.equal(old);
  });

  describe('on a file system of its own', () => {
    /** Runs the tool in a mount namespace, between two scripts for which `$F` is a directory. */
    const within = (place: string, prepare: string, afterwards = ':') =>
      runProcess('unshare', [
        ...['--mount', 'sh', '-c'],
        `F=$1; shift; ${prepare}; "$@"; code=$?; ${afterwards}; exit $code`,
        ...['sh', place, process.execPath, tool, ...audit],
      ]);
    before(function () {
      requireCommand(this, 'unshare');
      requireFact(this, isRoot, 'only root may mount');
    });

    it('that is read-only: tells it, ends with 3, leaves the old state', async () => {
      await run();
      const old = readFileSync(state, 'utf8');
      define('wall');
      for (const isLocked of [true, false]) {
        if (!isLocked) rmSync(`${state}.lock`);
        const told = await within(directory, 'mount --bind "$F" "$F"; mount -o remount,bind,ro "$F"');
        expect(told.stderr).to.match(
          /^virt-clock-audit: cannot write the state \S+: the file system is read-only \(EROFS\); [^\n]*\n$/,
        );
        expect(told.stdout).to.match(GONE);
        expect(told.exitCode).to.equal(3);
        expect(readFileSync(state, 'utf8')).to.equal(old);
      }
    });

    it('that is read-only, without the directory of the state: tells why it cannot be made', async () => {
      audit[audit.indexOf('--state') + 1] = join(directory, 'var', 'lib', 'state.json');
      const told = await within(directory, 'mount --bind "$F" "$F"; mount -o remount,bind,ro "$F"');
      expect(told.stderr).to.match(
        /^virt-clock-audit: cannot write the state \S+: its directory cannot be made: the file system is read-only \(EROFS\); [^\n]*\n$/,
      );
      expect(told.stdout).to.match(NEW);
      expect(told.exitCode).to.equal(3);
    });

    it('that is full: tells it, ends with 3, leaves the old state and nothing beside it', async () => {
      await run();
      define('wall');
      const full = join(scratch.path, `${count}-full`);
      mkdirSync(full);
      audit[audit.indexOf('--state') + 1] = join(full, 'state.json');
      const told = await within(
        full,
        `mount -t tmpfs -o size=16k none "$F"; cp ${state} "$F/"; cat /dev/zero >"$F/filler" 2>/dev/null`,
        `ls -A "$F" >&2; cmp "$F/state.json" ${state} >&2`,
      );
      expect(told.stdout).to.match(GONE);
      expect(told.stderr).to.match(
        /^virt-clock-audit: cannot write the state \S+: the device is full \(ENOSPC\); [^\n]*\nfiller\nstate.json\nstate.json.lock\n$/,
      );
      expect(told.exitCode).to.equal(3);
    });
  });

  describe('while another one waits', () => {
    async function waiting() {
      const child = spawn(process.execPath, [tool, ...audit, '--jitter', '3600'], { stdio: 'ignore' });
      const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
        child.once('exit', (code, signal) => resolve({ code, signal })),
      );
      await waitUntil(
        'the lock',
        async () => existsSync(`${state}.lock`) && statSync(`${state}.lock`).size > 0,
      );
      return { child, ended };
    }

    it('says who has the lock, ends with 3 at once and touches nothing', async () => {
      const other = await waiting();
      const report = join(directory, 'report.json');
      copyFileSync(definition, report);
      try {
        const told = await run('--format', `json=${report}`, '--format', `prometheus=${report}.prom`);
        expect(asExpected(told)).to.deep.equal({
          exitCode: 3,
          stdout: '',
          stderr: `virt-clock-audit: another run (process ${other.child.pid}) is auditing with this state; wait for it to finish (lock ${state}.lock)\n`,
        });
        expect(readFileSync(report)).to.deep.equal(readFileSync(definition));
        expect([`${report}.prom`, state].map((path) => existsSync(path))).to.deep.equal([false, false]);
      } finally {
        other.child.kill('SIGKILL');
        await other.ended;
      }
    });

    for (const signal of ['SIGTERM', 'SIGINT', 'SIGKILL'] as const) {
      it(`is let in when ${signal} ended the other at once`, async () => {
        const { child, ended } = await waiting();
        const startedAt = performance.now();
        child.kill(signal);
        expect(await ended).to.deep.equal({ code: null, signal });
        expect(performance.now() - startedAt).to.be.below(2000);
        expect((await run()).stdout).to.match(NEW);
      });
    }
  });

  it('tells what a milder --fail-on left out, once it counts', async () => {
    expect(asExpected(await run('--fail-on', 'unknown'))).to.deep.equal({
      exitCode: 0,
      stdout: '',
      stderr: '',
    });
    expect((await run()).stdout).to.match(NEW);
    expect(asExpected(await run())).to.deep.equal({ exitCode: 2, stdout: '', stderr: '' });
    expect(asExpected(await run('--fail-on', 'unknown'))).to.deep.equal({
      exitCode: 0,
      stdout: '',
      stderr: '',
    });
    expect(asExpected(await run())).to.deep.equal({ exitCode: 2, stdout: '', stderr: '' });
  });

  it('takes all of a state that does not say what counted for told', async () => {
    await run();
    const older = JSON.parse(readFileSync(state, 'utf8'));
    expect(older.entries.map(Object.keys)).to.deep.equal([
      ['host', 'domain', 'name', 'source', 'check', 'outcome', 'code'],
    ]);
    await run('--fail-on', 'unknown');
    expect(JSON.parse(readFileSync(state, 'utf8')).entries).to.deep.equal(older.entries);
    expect(asExpected(await run())).to.deep.equal({ exitCode: 2, stdout: '', stderr: '' });
  });

  it('waits no longer than --jitter says, also without a state', async () => {
    const plain = ['--domxml', definition, '--jitter'];
    for (const right of ['0.2', '0', '0.0']) {
      const { exitCode, stdout, stderr } = await runTool([...plain, right]);
      expect({ exitCode, stderr }, right).to.deep.equal({ exitCode: 2, stderr: '' });
      expect(stdout).to.contain('exit code 2');
    }
    for (const wrong of ['-1', '3601', 'soon', '', ' ', '.', 'Infinity', 'NaN']) {
      const { exitCode, stderr } = await runTool([...plain, wrong]);
      expect(exitCode, wrong).to.equal(3);
      expect(stderr).to.contain('--jitter');
    }
  });

  it('marks complaints for the journal, where standard error is the journal', async () => {
    const log = join(directory, 'log');
    const args = ['sh', log, process.execPath, tool, ...audit, '--format', 'json'];
    const written = async (stream: string) => {
      writeFileSync(log, '');
      const script = `L=$1; shift; exec 2>>"$L"; JOURNAL_STREAM=${stream} exec "$@"`;
      expect((await runProcess('sh', ['-c', script, ...args])).exitCode).to.equal(3);
      return readFileSync(log, 'utf8');
    };
    expect(await written('$(stat -Lc %d:%i "$L")')).to.match(/^<3>virt-clock-audit: --state keeps [^\n]*\n$/);
    // Standard error of a child that the service redirected elsewhere.
    expect(await written('8:1')).to.match(/^virt-clock-audit: --state keeps [^\n]*\n$/);
  });
});
