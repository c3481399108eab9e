import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { requireCommand, requireFact } from '../support/requirement.js';
import { runProcess, runTool, tool } from '../support/runTool.js';
import { ordinaryUser, type ScratchDirectory, scratchDirectory } from '../support/scratch.js';
import { agentChannelXml, goodClock, tinyDomainXml } from '../support/tinyDomain.js';

describe('the report', () => {
  let scratch: ScratchDirectory;
  let file: string;
  let audit: string[];

  beforeEach(() => {
    scratch = scratchDirectory('out');
    file = join(scratch.path, 'report.json');
    const xml = join(scratch.path, 'domain.xml');
    writeFileSync(xml, tinyDomainXml({ name: 'one', clock: goodClock(), devices: agentChannelXml }));
    audit = ['--domxml', xml, '--format', 'json'];
  });
  afterEach(() => scratch.remove());

  const leftovers = () => readdirSync(scratch.path).filter((name) => /tmp|^\./.test(name));

  it('is written into a file, which replaces an older one, and not to standard output', async () => {
    writeFileSync(file, 'old');
    const run = await runTool([...audit, '--output', file]);
    expect(run).to.deep.include({ exitCode: 0, stdout: '', stderr: '' });
    expect(JSON.parse(readFileSync(file, 'utf8')).summary.domains).to.equal(1);
    expect(leftovers()).to.deep.equal([]);
  });

  it('keeps the permissions of the file that it replaces, whatever the umask is', async () => {
    writeFileSync(file, 'old');
    chmodSync(file, 0o664);
    const args = ['-c', 'umask 077; "$0" "$@"', process.execPath, tool, ...audit];
    expect((await runProcess('sh', [...args, '--output', file])).exitCode).to.equal(0);
    expect(statSync(file).mode & 0o777).to.equal(0o664);
    const another = join(scratch.path, 'another.json');
    expect((await runProcess('sh', [...args, '--output', another])).exitCode).to.equal(0);
    expect(statSync(another).mode & 0o777, 'a new one').to.equal(0o600);
  });

  it('neither minds nor removes what a killed run of the same process ID left', async function () {
    requireCommand(this, 'unshare');
    requireFact(this, process.getuid?.() === 0, 'only root may begin to count processes anew');
    const leftover = join(scratch.path, '.report.json.1.tmp');
    writeFileSync(leftover, 'of somebody else');
    const command = ['--pid', '--fork', process.execPath, tool, ...audit, '--output', file];
    const run = await runProcess('unshare', command);
    expect(run).to.deep.include({ exitCode: 0, stdout: '', stderr: '' });
    expect(readFileSync(leftover, 'utf8')).to.equal('of somebody else');
    expect(leftovers()).to.deep.equal(['.report.json.1.tmp']);
  });

  it('replaces what a link leads to, and keeps the link', async () => {
    const link = join(scratch.path, 'latest');
    writeFileSync(file, 'old');
    symlinkSync(file, link);
    expect((await runTool([...audit, '--output', link])).exitCode).to.equal(0);
    expect(readFileSync(file, 'utf8')).to.contain('"one"');
  });

  it('leaves the older file as it was when the directory may not be written to', async () => {
    const directory = join(scratch.path, 'closed');
    const inside = join(directory, 'report');
    mkdirSync(directory);
    writeFileSync(inside, 'old');
    const { uid, gid } = ordinaryUser();
    if (uid !== undefined && gid !== undefined) chownSync(inside, uid, gid);
    chmodSync(directory, 0o555);
    const run = await runTool([...audit, '--output', inside], { user: ordinaryUser() });
    chmodSync(directory, 0o755);
    expect(run.exitCode).to.equal(3);
    expect(run.stderr).to.match(/^virt-clock-audit: cannot write [^\n]+: this user may not \(EACCES\)\n$/);
    expect(run.stderr).to.contain(inside);
    expect(readFileSync(inside, 'utf8')).to.equal('old');
  });

  it('leaves the older file as it was when it does not fit', async function () {
    requireCommand(this, 'prlimit');
    writeFileSync(file, 'old');
    // A limit on the size of files stands for a full disk: the write fails after the first 512 bytes.
    const limited = ['--fsize=512', process.execPath, tool, ...audit, '--output', file];
    const run = await runProcess('prlimit', limited);
    expect(run.exitCode).to.equal(3);
    expect(run.stderr).to.match(
      /^virt-clock-audit: cannot write [^\n]+: it would be larger than a file may be \(EFBIG\)\n$/,
    );
    expect(readFileSync(file, 'utf8')).to.equal('old');
    expect(leftovers()).to.deep.equal([]);
  });

  for (const [what, args] of [
    ['a full device', ['--output', '/dev/full']],
    ['a directory that does not exist', ['--output', '/nonexistent/report']],
    ['a directory', ['--output', '.']],
  ] as const) {
    it(`ends with exit code 3 and one line for ${what}`, async () => {
      // As somebody who could not replace the device by a file.
      const options = { cwd: scratch.path, user: ordinaryUser() };
      const run = await runTool([...audit, ...args], options);
      expect(run.exitCode).to.equal(3);
      expect(run.stdout).to.equal('');
      expect(run.stderr).to.match(/^virt-clock-audit: cannot write [^\n]+\n$/);
    });
  }

  it('ends with exit code 3 and one line when standard output is full', async () => {
    const run = await runProcess('sh', ['-c', `"$0" "$@" > /dev/full`, process.execPath, tool, ...audit]);
    expect(run.exitCode).to.equal(3);
    expect(run.stderr)
      .to.match(/^virt-clock-audit: [^\n]*ENOSPC[^\n]*\n$/)
      .and.not.contain('.js:');
  });

  // What /dev/stdout is: a link of our own, so that a tool that replaces it does no harm to the machine.
  for (const [what, command] of [
    ['a pipe', '"$0" "$@" | cat'],
    ['a file', '"$0" "$@" > report.json; cat report.json'],
  ] as const) {
    it(`goes through a link like /dev/stdout to ${what}, and leaves the link alone`, async () => {
      const link = join(scratch.path, 'stdout');
      symlinkSync('/proc/self/fd/1', link);
      const args = ['-c', command, process.execPath, tool, ...audit, '--output', link];
      const run = await runProcess('sh', args, { cwd: scratch.path });
      expect(lstatSync(link).isSymbolicLink(), 'still a link').to.equal(true);
      expect(run.stderr).to.equal('');
      expect(JSON.parse(run.stdout).summary.domains).to.equal(1);
      expect(leftovers()).to.deep.equal([]);
    });
  }

  for (const descriptor of [
    '/dev/stdout',
    '/dev/fd/1',
    '/proc/self/fd/1',
    '/proc/thread-self/fd/1',
    'link',
  ]) {
    it(`goes behind what a log holds already, and into a socket, by ${descriptor}`, async () => {
      symlinkSync('/proc/self/fd', join(scratch.path, 'descriptors'));
      symlinkSync('descriptors/1', join(scratch.path, 'link'));
      writeFileSync(file, 'older line\n');
      const wish = ['--format', `json=${descriptor}`, '--format', 'sarif=a.sarif'];
      const options = { cwd: scratch.path };
      const args = ['-c', '"$0" "$@" >>report.json', process.execPath, tool, ...audit.slice(0, 2), ...wish];
      expect(await runProcess('sh', args, options)).to.deep.include({ exitCode: 0, stderr: '' });
      expect(readFileSync(file, 'utf8')).to.match(/^older line\n\{[\s\S]*\}\n$/);
      // What Node connects a child with.
      const run = await runTool([...audit.slice(0, 2), ...wish], options);
      expect(run).to.deep.include({ exitCode: 0, stderr: '' });
      expect(JSON.parse(run.stdout).summary.domains).to.equal(1);
      expect(leftovers()).to.deep.equal([]);
    });
  }

  it('goes to another descriptor that was given', async () => {
    writeFileSync(file, 'older line\n');
    const command = '"$0" "$@" --format json=/dev/fd/7 --format text=/dev/stderr 7>>report.json';
    const args = ['-c', command, process.execPath, tool, ...audit.slice(0, 2)];
    const run = await runProcess('sh', args, { cwd: scratch.path });
    expect(run).to.deep.include({ exitCode: 0, stdout: '' });
    expect(run.stderr).to.match(/^virt-clock-audit \d/);
    expect(readFileSync(file, 'utf8')).to.match(/^older line\n\{[\s\S]*\}\n$/);
  });

  it('is no two forms on standard output by two of its names', async () => {
    const run = await runTool([...audit, '--format', 'text=/dev/stdout'], { cwd: scratch.path });
    expect(run).to.deep.include({ exitCode: 3, stdout: '' });
    expect(run.stderr).to.match(/two forms would go to standard output/);
  });

  // Those of Node itself, which ends in a segmentation fault when it reads a report from its pipes.
  const unused = Array.from({ length: 20 }, (_, index) => 250 - index);
  const high = unused.find((number) => !existsSync(`/proc/self/fd/${number}`)) ?? 250;
  for (const descriptor of [3, 4, 5, 7, 12, 16, high]) {
    it(`does not go to descriptor ${descriptor}, which nobody opened for it`, async () => {
      const run = await runTool([...audit, '--output', `/dev/fd/${descriptor}`]);
      expect(run).to.deep.include({ exitCode: 3, stdout: '' });
      expect(run.stderr).to.equal(
        `virt-clock-audit: cannot write /dev/fd/${descriptor}: it is not open for writing (EBADF)\n`,
      );
    });
  }

  for (const command of [[], ['remediate'], ['collect']]) {
    it(`of ${command.join() || 'audit'} may lose its reader without a stack trace`, async () => {
      const args = command.length > 0 ? audit.slice(0, 2) : audit;
      const child = spawn(process.execPath, [tool, ...command, ...args], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {},
      });
      child.stdout.destroy();
      let stderr = '';
      child.stderr.on('data', (chunk) => {
        stderr += chunk;
      });
      const exitCode = await new Promise((resolve) => child.on('close', resolve));
      expect(exitCode).to.equal(0);
      expect(stderr).to.not.match(/EPIPE|\.js:/);
    });
  }

  it('reaches a slow reader as a whole', async () => {
    const xml = tinyDomainXml({ name: 'many', clock: '' });
    for (let index = 0; index < 300; index++) writeFileSync(join(scratch.path, `${index}.xml`), xml);
    const command = `"$0" "$@" | (sleep 0.5; cat)`;
    const args = ['--domxml', scratch.path, '--format', 'json'];
    const run = await runProcess('sh', ['-c', command, process.execPath, tool, ...args]);
    expect(JSON.parse(run.stdout).summary.domains).to.equal(301);
  });
});
