import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { requireCommand } from '../support/requirement.js';
import { runProcess, runTool, type ToolRun, tool } from '../support/runTool.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';
import { tinyDomainXml } from '../support/tinyDomain.js';

/** What steers a terminal, hides text or turns it round; XML 1.0 allows all of it but the first three. */
const esc = '\u001b';
const inXml = '\u007f\u0085\u009b31m\u009d0;title\u009c\u202e\u200b\u2028\u00ad';
const inReferences = '&#9;&#10;&#13;&#x9b;2J&#x202e;';
const clock = "<clock offset='utc'><timer name='rtc' track='guest'/></clock>";
const metadata = `<metadata><nova:instance xmlns:nova="http://openstack.org/xmlns/libvirt/nova/1.1">
  <nova:name>${inXml}${inReferences}</nova:name><nova:flavor name="${inXml}${inReferences}"/>
  <nova:owner><nova:project uuid="${inXml}">${inXml}</nova:project></nova:owner></nova:instance></metadata>`;
const xml = tinyDomainXml({ name: 'NAME', clock, extra: metadata }).replace(
  'NAME',
  `evil${inXml}${inReferences}`,
);

/** Everything but line feeds that is a control character, or shows other text than it is. */
const harmful = /[^\P{C}\n]|[\u2028\u2029]/u;

function expectHarmless({ stdout, stderr }: Pick<ToolRun, 'stdout' | 'stderr'>): void {
  expect(harmful.exec(stdout)?.[0].codePointAt(0)?.toString(16), 'standard output').to.equal(undefined);
  expect(harmful.exec(stderr)?.[0].codePointAt(0)?.toString(16), 'standard error').to.equal(undefined);
}

describe('hostile names', () => {
  let scratch: ScratchDirectory;
  let file: string;

  beforeEach(() => {
    scratch = scratchDirectory('hostile');
    file = join(scratch.path, `evil${esc}[2J\r\u009b.xml`);
    writeFileSync(file, xml);
  });
  afterEach(() => scratch.remove());

  for (const args of [[], ['--verbose'], ['--format', 'json'], ['--host']]) {
    it(`do no harm in a report with ${args.join(' ') || 'no option'}`, async () => {
      const run = await runTool(['--domxml', file, ...args]);
      expect(run.exitCode).to.be.oneOf([2, 3]);
      expect(run.stdout).to.contain('evil');
      expectHarmless(run);
    });
  }

  it('keep their meaning in JSON', async () => {
    const { stdout } = await runTool(['--domxml', file, '--format', 'json']);
    const [domain] = JSON.parse(stdout).domains;
    expect(domain.source).to.equal(file);
    expect(domain.name).to.contain(inXml.slice(0, 6)).and.to.contain('\u009b2J\u202e');
    expect(domain.owner.instanceName).to.contain(inXml);
  });

  it('do no harm in saved facts, nor in a report of them', async () => {
    const saved = await runTool(['collect', '--domxml', file]);
    expectHarmless(saved);
    const facts = JSON.parse(saved.stdout);
    // Only here may a name hold what no XML document can.
    const name = `${esc}]0;x\u0007\u0000\u0008${facts.domains[0].name}`;
    const input = JSON.stringify({
      ...facts,
      toolVersion: name,
      collectedAt: name,
      hostname: name,
      sources: [{ kind: name, location: name, libvirtVersion: name }],
      hostNote: name,
      notes: [name],
      problems: [{ target: name, cause: name, reason: name }],
      domains: [{ ...facts.domains[0], name, uuid: name, source: name }],
    });
    for (const format of ['text', 'json']) {
      const run = await runTool(['--from', '-', '--format', format, '--verbose'], { input });
      expect(run.exitCode).to.equal(3);
      expect(run.stdout).to.contain(']0;x');
      expectHarmless(run);
    }
  });

  it('do no harm in what is said about a patch', async () => {
    const { stdout, stderr, exitCode } = await runTool(['remediate', '--domxml', file]);
    expect(exitCode).to.equal(2);
    const lines = stdout.split('\n');
    const about = lines.filter((line) => /^(#|---|\+\+\+|@@)/.test(line));
    expect(about.length).to.be.greaterThan(3);
    expectHarmless({ stdout: about.map((line) => line.replace(/\t$/, '')).join('\n'), stderr });
    // The patch itself has to be exact, or it would not apply.
    expect(
      lines.filter((line) => line.startsWith('-    <timer') || line.startsWith('-  <clock')),
    ).to.have.length(1);
  });

  it('do no harm in a patch that is shown on a terminal', async function () {
    requireCommand(this, 'script');
    const command = `'${process.execPath}' '${tool}' remediate --domxml '${scratch.path}'`;
    const env = { TERM: 'xterm' };
    const { stdout } = await runProcess('script', ['-qec', command, '/dev/null'], { env });
    expect(stdout).to.contain('track=');
    // The terminal itself puts a carriage return before each line feed.
    expectHarmless({ stdout: stdout.replaceAll('\r\n', '\n'), stderr: '' });
  });

  it('do no harm where the user gives them', async () => {
    const evil = `x${esc}[2J\u009b\r`;
    for (const args of [
      ['--domxml', evil],
      ['--connect', `test:///${evil}`, '--no-host'],
      ['--connect', 'test:///default', '--domain', evil],
      ['--connect', 'test:///default', '--domain', `${evil}*`],
      ['--from', evil],
      ['--chronyc', `/${evil}`, '--host', '--no-domains'],
      ['--format', evil],
      [`--${evil}`],
      [evil],
      ['explain', evil],
      ['--domxml', evil, '--output', join('/nonexistent', evil)],
    ]) {
      const run = await runTool(args);
      expect(run.exitCode, JSON.stringify(args)).to.equal(3);
      expect(run.stdout + run.stderr).to.contain('x');
      expectHarmless(run);
    }
  });
});
