import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { auditJson, domainNamed, runProcess, runTool, tool } from '../support/runTool.js';
import { ordinaryUser, type ScratchDirectory, scratchDirectory } from '../support/scratch.js';
import { agentChannelXml, goodClock, tinyDomainXml } from '../support/tinyDomain.js';

const good = (name: string) => tinyDomainXml({ name, clock: goodClock(), devices: agentChannelXml });
const bomb = `<?xml version='1.0'?>
<!DOCTYPE domain [<!ENTITY a0 "lol">${Array.from(
  { length: 30 },
  (_, index) => `<!ENTITY a${index + 1} "${`&a${index};`.repeat(10)}">`,
).join('')}]>
<domain><name>&a30;</name></domain>`;

interface BadFile {
  readonly content: () => string | Buffer;
  readonly cause: 'malformed-xml' | 'too-large';
  /** Line and column, where the file has any. */
  readonly place?: string;
  readonly reason: RegExp;
}

const badFiles: Readonly<Record<string, BadFile>> = {
  'a truncated file': {
    content: () => good('x').slice(0, -12),
    cause: 'malformed-xml',
    place: '14:12',
    reason: /^unclosed tag: (devices|domain)$/,
  },
  'an unclosed element': {
    content: () => '<domain>\n  <name>x</nam>\n</domain>',
    cause: 'malformed-xml',
    place: '2:16',
    reason: /^unmatched closing tag: nam|^unexpected close tag/,
  },
  'a file that is something else': {
    content: () => 'root:x:0:0:root:/root:/bin/bash\n',
    cause: 'malformed-xml',
    place: '2:2',
    reason: /^text data outside of root node; is it domain XML\?$/,
  },
  'an empty file': { content: () => '', cause: 'malformed-xml', place: '1:1', reason: /^is empty$/ },
  'a blank file': { content: () => ' \n\n', cause: 'malformed-xml', place: '1:1', reason: /^is empty$/ },
  'a file of 50 MB': {
    content: () => `<domain><description>${'x'.repeat(50_000_000)}</description></domain>`,
    cause: 'too-large',
    reason: /^is larger than 4 MiB/,
  },
  'an entity bomb': {
    content: () => bomb,
    cause: 'malformed-xml',
    place: `2:${(bomb.split('\n')[1] ?? '').length + 1}`,
    reason: /^a document type declaration/,
  },
  '100,000 nested elements': {
    content: () => `<domain>${'<a>'.repeat(100_000)}${'</a>'.repeat(100_000)}</domain>`,
    cause: 'malformed-xml',
    place: '1:777',
    reason: /^elements nested deeper than 256 levels$/,
  },
  'a file in Latin-1': {
    content: () => Buffer.from('<domain type="kvm">\n  <name>M\u00fcller</name></domain>', 'latin1'),
    cause: 'malformed-xml',
    place: '2:10',
    reason: /^is not UTF-8$/,
  },
  'a network instead of a domain': {
    content: () => '<!-- a comment -->\n<network><name>default</name></network>',
    cause: 'malformed-xml',
    place: '2:1',
    reason: /^is no domain: expected <domain>, found <network>$/,
  },
  'a control character': {
    content: () => good('a\u0001b'),
    cause: 'malformed-xml',
    place: '2:11',
    reason: /^disallowed character/,
  },
};

describe('bad input', function () {
  this.timeout(60_000);
  let scratch: ScratchDirectory;
  let broken: string;

  beforeEach(() => {
    scratch = scratchDirectory('bad');
    for (const name of ['a', 'z']) writeFileSync(join(scratch.path, `${name}.xml`), good(name));
    broken = join(scratch.path, 'm.xml');
  });
  afterEach(() => scratch.remove());

  for (const [what, { content, cause, place, reason }] of Object.entries(badFiles)) {
    it(`costs ${what} one line with its position; the files beside it are audited`, async () => {
      writeFileSync(broken, content());
      const { report, exitCode } = await auditJson(['--domxml', scratch.path]);
      expect(exitCode).to.equal(3);
      expect(report.problems).to.have.length(1);
      const [problem] = report.problems;
      expect(problem).to.deep.include({ target: broken, cause });
      expect(problem?.reason).to.match(reason).and.not.contain('\n');
      expect(problem?.line && `${problem.line}:${problem.column}`).to.equal(place);
      expect(report.domains.map(({ name }) => name)).to.deep.equal(['a', 'z']);
      expect(report.summary.findings.unknown).to.equal(0);
      expect(report.summary.findings.pass).to.be.greaterThan(0);

      const text = await runTool(['--domxml', scratch.path]);
      expect(text.exitCode).to.equal(3);
      expect(text.stderr).to.equal('');
      const lines = text.stdout.split('\n').filter((line) => line.includes('m.xml'));
      expect(lines).to.deep.equal([
        `UNKNOWN  ${broken}${place === undefined ? '' : `:${place}`}: ${problem?.reason}`,
      ]);
    });

    it(`takes little memory for ${what}`, async () => {
      writeFileSync(broken, content());
      const meter =
        'data:text/javascript,process.on("exit",()=>console.error(process.resourceUsage().maxRSS))';
      const run = await runProcess(process.execPath, ['--import', meter, tool, '--domxml', scratch.path]);
      expect(run.exitCode).to.equal(3);
      expect(Number(run.stderr) / 1024, 'MiB').to.be.within(20, 200);
      expect(run.seconds).to.be.below(5);
    });
  }

  it('may come from standard input, which then has the name of the place', async () => {
    const { report, exitCode } = await auditJson(['--domxml', '-'], { input: '<domain>' });
    expect(exitCode).to.equal(3);
    expect(report.problems[0]).to.deep.include({ target: 'standard input', line: 1 });
    const endless = await auditJson(['--domxml', '-'], { input: Buffer.alloc(20_000_000, 0x20) });
    expect(endless.report.problems[0]).to.deep.include({ target: 'standard input', cause: 'too-large' });
  });

  it('does not include good XML from standard input or a pipe', async () => {
    const { report } = await auditJson(['--domxml', '-'], { input: good('piped') });
    expect(domainNamed(report, 'piped').source).to.equal('-');
    const fifo = join(scratch.path, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const writer = runProcess('sh', ['-c', 'cat > "$0"', fifo], { input: good('through a fifo') });
    const read = await auditJson(['--domxml', fifo]);
    await writer;
    expect(read.report.problems).to.deep.equal([]);
    expect(domainNamed(read.report, 'through a fifo').effectiveClock?.rtc.base).to.equal('utc');
  });

  it('does not hang on a FIFO that nobody writes to', async () => {
    execFileSync('mkfifo', [broken]);
    const run = await runTool(['--domxml', scratch.path, '--timeout', '2'], { timeoutMs: 5000 });
    expect(run.exitCode).to.equal(3);
    expect(run.stdout).to.contain(broken).and.to.contain('2 domains');
  });

  it('includes paths that are not there, hold nothing or may not be read, each with its reason', async () => {
    const nothing = join(scratch.path, 'nothing');
    const secret = join(scratch.path, 'secret.txt');
    const missing = join(scratch.path, 'missing.xml');
    const device = '/dev/null';
    mkdirSync(nothing);
    writeFileSync(join(nothing, 'README'), 'no domain');
    writeFileSync(secret, good('secret'));
    chmodSync(secret, 0);
    const paths = [missing, nothing, secret, device, join(scratch.path, 'a.xml')];
    const args = paths.flatMap((path) => ['--domxml', path]);
    const { report, exitCode } = await auditJson(args, { user: ordinaryUser() });
    expect(exitCode).to.equal(3);
    expect(report.problems.map(({ target, cause, reason }) => [target, cause, reason])).to.deep.equal([
      [missing, 'unreadable', 'does not exist'],
      [nothing, 'no-files', 'has no *.xml file in it; name the files themselves'],
      [secret, 'unreadable', 'may not be read by this user; run as root or copy the file'],
      [device, 'malformed-xml', 'is empty'],
    ]);
    expect(report.domains.map(({ name }) => name)).to.deep.equal(['a']);
  });
});
