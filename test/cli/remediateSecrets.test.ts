import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { withSecrets } from '../../src/cli/patching/secureDefinitions.js';
import { UsageError } from '../../src/cli/usageError.js';
import type { DomainFacts } from '../../src/facts/domain.js';
import { type PrivateLibvirtd, startPrivateLibvirtd, tinyDomainXml } from '../support/privateLibvirtd.js';
import { requireCommand } from '../support/requirement.js';
import { runProcess, runTool, tool } from '../support/runTool.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';
import { agentChannelXml, goodClock } from '../support/tinyDomain.js';

const wrongClock =
  "<clock offset='utc'><timer name='rtc' track='guest'/><timer name='hpet' present='no'/></clock>";
const password = 'geheim-7';

describe('remediate, with a libvirt that keeps passwords', () => {
  let libvirtd: PrivateLibvirtd;
  let scratch: ScratchDirectory;

  before(async function () {
    requireCommand(this, 'libvirtd', 'virsh', 'qemu-system-x86_64', 'virt-xml-validate', 'xmllint');
    scratch = scratchDirectory('secrets');
    libvirtd = await startPrivateLibvirtd();
    const graphics = `<graphics type='vnc' port='-1' autoport='yes' passwd='${password}'/>`;
    await libvirtd.defineMany([
      tinyDomainXml({ name: 'with-vnc', clock: wrongClock, devices: `${agentChannelXml}${graphics}` }),
      tinyDomainXml({ name: 'plain', clock: wrongClock, devices: agentChannelXml }),
      tinyDomainXml({ name: 'good', clock: goodClock(), devices: `${agentChannelXml}${graphics}` }),
    ]);
  });
  after(async () => {
    await libvirtd?.stop();
    await scratch?.remove();
  });

  const remediate = (...args: string[]) =>
    runTool(['remediate', '--no-host', '--connect', libvirtd.uri, ...args]);

  it('gives no whole definition without them, and says what to do', async () => {
    const { stdout, stderr, exitCode } = await remediate('--format', 'xml', '--domain', 'with-vnc');
    expect({ stdout, exitCode }).to.deep.equal({ stdout: '', exitCode: 2 });
    expect(stderr).to.match(/^virt-clock-audit: domain with-vnc: no patch: [^\n]*--security-info[^\n]*\n$/);
  });

  it('says of a diff what it may be applied to', async () => {
    for (const [name, isSaid] of [
      ['with-vnc', true],
      ['plain', false],
    ] as const) {
      const { stdout } = await remediate('--domain', name);
      expect(
        stdout.includes('# has a vnc display: apply it only to a text that was dumped with'),
        name,
      ).to.equal(isSaid);
    }
    expect((await remediate('--security-info', '--domain', 'with-vnc')).stdout).not.to.contain('vnc display');
  });

  it('says how to make the changes that it wrote', async () => {
    const directory = join(scratch.path, 'two words');
    const { stderr } = await remediate('--output', directory);
    expect(stderr).to.equal(
      `virt-clock-audit: wrote 2 patches and manifest.json to ${directory}; virt-clock-audit apply --reviewed '${directory}/manifest.json' makes these changes\n`,
    );
  });

  it('gives no whole definition of saved facts, where --security-info cannot help', async () => {
    const file = join(scratch.path, 'facts.json');
    await runTool(['collect', '--no-host', '--connect', libvirtd.uri, '--output', file]);
    const run = await runTool(['remediate', '--from', file, '--format', 'xml', '--domain', 'with-vnc']);
    expect(run.stderr).to.match(
      /no patch: [^\n]*; saved facts never have it: run remediate on the hypervisor/,
    );
    const written = await runTool(['remediate', '--from', file, '--output', join(scratch.path, 'saved')]);
    expect(written.stderr).to.match(/: wrote 2 patches and manifest\.json to \S+\/saved\n$/);
  });

  it('gives it without --security-info where there are none to lose', async () => {
    const { stdout, exitCode } = await remediate('--format', 'xml', '--domain', 'plain');
    expect(exitCode).to.equal(2);
    expect(stdout)
      .to.match(/^<domain /)
      .and.not.contain("track='guest'");
  });

  it('keeps them in what --security-info gives, so that defining it changes nothing but the clock', async () => {
    const { stdout, exitCode, stderr } = await remediate(
      '--format',
      'xml',
      '--security-info',
      '--domain',
      'with-vnc',
    );
    expect(exitCode, stderr).to.equal(2);
    const before = await libvirtd.virsh('dumpxml', '--inactive', '--security-info', 'with-vnc');
    expect(stdout.trimEnd()).to.equal(before.trimEnd().replace(" track='guest'", ''));
    expect(stdout).to.contain(`passwd='${password}'`);
  });

  it('names in the manifest the checksum of what libvirt gives', async () => {
    const directory = join(scratch.path, 'checksums');
    await remediate('--output', directory);
    const { domains } = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8'));
    expect(domains).to.have.length(3);
    for (const { name, beforeSha256 } of domains.filter(
      ({ file }: { file: string | null }) => file !== null,
    )) {
      // The way that the documentation gives; what virsh adds at the end goes.
      const command = `printf '%s\\n' "$(virsh -c '${libvirtd.uri}' dumpxml --inactive ${name})" | sha256sum`;
      const { stdout } = await runProcess('sh', ['-c', command]);
      expect(stdout, name).to.equal(`${beforeSha256}  -\n`);
    }
  });

  it('can be followed by hand, and keeps the password', async function () {
    requireCommand(this, 'patch');
    const directory = join(scratch.path, 'by-hand');
    mkdirSync(directory);
    const dump = () => libvirtd.virsh('dumpxml', '--inactive', '--security-info', 'with-vnc');
    // libvirt writes controllers in another order when it reads its own text again.
    const sorted = (xml: string) => xml.split('\n').sort();
    const before = await dump();
    writeFileSync(join(directory, 'web1.xml'), before);
    const { stdout } = await runTool(['remediate', '--no-host', '--domxml', 'web1.xml'], { cwd: directory });
    await runProcess('patch', ['-p1'], { cwd: directory, input: stdout });
    await libvirtd.virsh('define', '--validate', join(directory, 'web1.xml'));
    expect(sorted(await dump())).to.deep.equal(sorted(before.replace(" track='guest'", '')));
    writeFileSync(join(directory, 'web1.before.xml'), before);
    await libvirtd.virsh('define', join(directory, 'web1.before.xml'));
    expect(sorted(await dump())).to.deep.equal(sorted(before));
  });

  it('writes files that nobody else may read, in a directory that nobody else may enter', async () => {
    const directory = join(scratch.path, 'secret');
    const { exitCode, stdout } = await remediate('--format', 'xml', '--security-info', '--output', directory);
    expect({ exitCode, stdout }).to.deep.equal({ exitCode: 2, stdout: '' });
    expect(readdirSync(directory).sort()).to.deep.equal(['manifest.json', 'plain.xml', 'with-vnc.xml']);
    expect(readFileSync(join(directory, 'with-vnc.xml'), 'utf8')).to.contain(`passwd='${password}'`);
    expect(readFileSync(join(directory, 'manifest.json'), 'utf8')).not.to.contain(password);
    expect(statSync(directory).mode & 0o777).to.equal(0o700);
    for (const name of readdirSync(directory)) {
      expect(statSync(join(directory, name)).mode & 0o777, name).to.equal(0o600);
    }
  });

  it('leaves the mode of a directory that is there already', async () => {
    const directory = join(scratch.path, 'shared');
    mkdirSync(directory, { mode: 0o755 });
    await remediate('--format', 'xml', '--security-info', '--output', directory);
    expect(statSync(directory).mode & 0o777).to.equal(0o755);
    expect(statSync(join(directory, 'with-vnc.xml')).mode & 0o777).to.equal(0o600);
  });

  it('warns of them on a terminal', async function () {
    requireCommand(this, 'script');
    const command = `'${process.execPath}' '${tool}' remediate --no-host -c '${libvirtd.uri}' --security-info`;
    const { stdout } = await runProcess('script', ['-qec', command, '/dev/null'], { env: { TERM: 'xterm' } });
    expect(stdout).to.contain('virt-clock-audit: what was just shown may hold passwords of VNC and SPICE');
  });

  it('writes no password into facts that are collected, nor into a report', async () => {
    for (const args of [['collect'], ['--format', 'json'], ['remediate']]) {
      const run = await runTool([...args, '--no-host', '--connect', libvirtd.uri]);
      expect(run.stdout, args.join(' ')).not.to.equal('').and.not.contain(password);
      expect(run.stderr).not.to.contain(password);
    }
  });

  it('does not ask a file for them', async () => {
    const run = await runTool(['remediate', '--security-info', '--domxml', scratch.path]);
    expect(run).to.deep.include({ exitCode: 3, stdout: '' });
    expect(run.stderr).to.match(/^virt-clock-audit: --security-info reads passwords from libvirt; [^\n]+\n$/);
  });

  it('knows nothing of a domain that is gone meanwhile', async () => {
    const gone = { name: 'gone', definitions: {}, source: libvirtd.uri } as unknown as DomainFacts;
    const answer = (await withSecrets([gone], 10)).get(gone);
    expect(answer?.definitions.inactive).to.deep.include({ known: false, cause: 'no-such-domain' });
  });

  it('says that a connection with the right to write is needed', async () => {
    const facts = { definitions: {}, source: `qemu+unix:///session?socket=${join(scratch.path, 'nowhere')}` };
    const failed = await withSecrets([facts as unknown as DomainFacts], 5).catch((error: unknown) => error);
    expect(failed).to.be.instanceOf(UsageError);
    expect((failed as UsageError).message).to.match(
      /^--security-info needs a connection with the right to write to \S+nowhere: .*No such file/,
    );
  });
});
