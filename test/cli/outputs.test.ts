import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { runTool } from '../support/runTool.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';
import { agentChannelXml, goodClock, tinyDomainXml } from '../support/tinyDomain.js';

describe('the outputs of a run', () => {
  let scratch: ScratchDirectory;
  const at = (name: string) => join(scratch.path, name);
  const read = (name: string) => readFileSync(at(name), 'utf8');
  const audit = (...args: string[]) => runTool(['--domxml', at('one.xml'), ...args], { cwd: scratch.path });

  beforeEach(() => {
    scratch = scratchDirectory('outputs');
    const clock = goodClock("<timer name='rtc' track='guest'/>");
    writeFileSync(
      at('one.xml'),
      tinyDomainXml({ name: 'one', clock, devices: agentChannelXml, type: 'kvm' }),
    );
  });
  afterEach(() => scratch.remove());

  const BEGINNINGS = {
    text: /^virt-clock-audit \d/,
    json: /^\{\n "schema": "virt-clock-audit\/report"/,
    markdown: /^# virt-clock-audit: /,
    junit: /^<\?xml version="1\.0"/,
    sarif: /^\{\n "\$schema": "https:\/\/json\.schemastore\.org\/sarif-2\.1\.0\.json"/,
    nagios: /^VIRT-CLOCK-AUDIT CRITICAL|^\S+ CRITICAL/i,
    prometheus: /^# HELP virt_clock_audit_/m,
  } as const;

  for (const [format, begins] of Object.entries(BEGINNINGS)) {
    it(`go to standard output as ${format}, or to a file with its name`, async () => {
      const bare = await audit('--format', format);
      expect(bare).to.deep.include({ exitCode: 2, stderr: '' });
      expect(bare.stdout).to.match(begins);
      const named = await audit('--format', `${format}=report`);
      expect(named).to.deep.include({ exitCode: 2, stdout: '', stderr: '' });
      expect(read('report')).to.match(begins);
    });
  }

  it('are several in one run, with a bare one on standard output', async () => {
    const files = ['--format', 'json=a.json', '--format', 'sarif=b.sarif'];
    expect((await audit(...files)).stdout).to.equal('');
    const run = await audit(...files, '--format', 'markdown', '--format', 'junit=c.xml');
    expect(run).to.deep.include({ exitCode: 2, stderr: '' });
    expect(run.stdout).to.match(BEGINNINGS.markdown);
    expect(read('a.json')).to.match(BEGINNINGS.json);
    expect(read('b.sarif')).to.match(BEGINNINGS.sarif);
    expect(read('c.xml')).to.match(BEGINNINGS.junit);
    expect(readdirSync(scratch.path).sort()).to.deep.equal(['a.json', 'b.sarif', 'c.xml', 'one.xml']);
  });

  it('are that of --output and those with a name of their own', async () => {
    expect((await audit('--output', 'a.txt', '--format', 'json=a.json')).stdout).to.equal('');
    expect(read('a.txt')).to.match(BEGINNINGS.text);
    expect(read('a.json')).to.match(BEGINNINGS.json);
    expect((await audit('-o', 'b', '--format', 'sarif')).stdout).to.equal('');
    expect(read('b')).to.match(BEGINNINGS.sarif);
    expect((await audit('--format', 'json=-')).stdout).to.match(BEGINNINGS.json);
    expect((await audit('--format', 'json=a=b.json')).stdout).to.equal('');
    expect(read('a=b.json')).to.match(BEGINNINGS.json);
  });

  for (const [what, args, words] of [
    [
      'two bare forms',
      ['--format', 'json', '--format', 'text'],
      /only one form goes to one place: write --format text=FILE/,
    ],
    ['one file twice', ['--format', 'json=a', '--format', 'sarif=a'], /two forms would go to a$/m],
    [
      'one file by two paths',
      ['--format', 'json=a', '--format', 'sarif=./x/../a'],
      /two forms would go to \.\/x/,
    ],
    ['--output and the same file', ['-o', 'a', '--format', 'json=a'], /two forms would go to a$/m],
    [
      'standard output twice',
      ['--format', 'json=-', '--format', 'text'],
      /two forms would go to standard output/,
    ],
    ['no name', ['--format', 'json='], /The name of the file is empty/],
    ['an unknown form', ['--format', 'junt=a'], /Allowed choices are text, json, .*; did you mean 'junit'\?/],
    ['nothing like a form', ['--format', 'yaml'], /Allowed choices are text, json, [^;]*\. \(--help/],
    ['the empty form', ['--format', ''], /Allowed choices are/],
    ['capitals', ['--format', 'JSON=a'], /did you mean 'json'\?/],
  ] as const) {
    it(`are not ${what}`, async () => {
      mkdirSync(at('x'));
      const run = await audit(...args);
      expect(run).to.deep.include({ exitCode: 3, stdout: '' });
      expect(run.stderr)
        .to.match(/^virt-clock-audit: [^\n]+\n$/)
        .and.to.match(words);
      expect(readdirSync(scratch.path).sort()).to.deep.equal(['one.xml', 'x']);
    });
  }

  it('are not one file by a link', async () => {
    symlinkSync('a', at('link'));
    writeFileSync(at('a'), 'old');
    expect((await audit('--format', 'json=a', '--format', 'sarif=link')).stderr).to.match(/two forms/);
    expect(read('a')).to.equal('old');
  });

  it('are all written but the one that cannot be, whose old file stays', async () => {
    mkdirSync(at('directory'));
    const run = await audit(
      ...['--format', 'json=absent/a.json', '--format', 'sarif=b.sarif'],
      ...['--format', 'markdown=directory', '--format', 'text'],
    );
    expect(run.exitCode).to.equal(3);
    expect(run.stdout).to.match(BEGINNINGS.text);
    expect(read('b.sarif')).to.match(BEGINNINGS.sarif);
    expect(run.stderr).to.match(
      /^virt-clock-audit: cannot write absent\/a\.json: [^\n]+\nvirt-clock-audit: cannot write directory: [^\n]+\n$/,
    );
    expect(readdirSync(scratch.path).sort()).to.deep.equal(['b.sarif', 'directory', 'one.xml']);
  });

  it('say on standard output how the run ended, where a file could not be written', async () => {
    const run = await audit('--format', 'nagios', '--format', 'json=missing/a.json');
    expect(run.exitCode).to.equal(3);
    expect(run.stdout).to.match(/^VIRT-CLOCK-AUDIT UNKNOWN - cannot write .*\n$/);
  });

  it('have one host each in forms that have no place for more', async () => {
    await audit('--format', 'json=a.json');
    const two = ['report', '--from', at('a.json'), '--from', at('a.json')];
    const run = await runTool([...two, '--format', 'prometheus=x.prom', '--format', 'json=b.json'], {
      cwd: scratch.path,
    });
    expect(run).to.deep.include({ exitCode: 3, stdout: '' });
    expect(run.stderr).to.match(/prometheus has no place for more than one host/);
    expect(readdirSync(scratch.path)).to.not.include('b.json');
  });
});
