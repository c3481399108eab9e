import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'chai';
import type { PatchManifest } from '../../src/cli/patching/patchManifest.js';
import { PATCH_FORMATS } from '../../src/remediation/forms/form.js';
import { FIXTURES } from '../support/fixtures.js';
import { requireCommand } from '../support/requirement.js';
import { runCommand } from '../support/runCommand.js';
import { projectRoot, runProcess, runTool, tool } from '../support/runTool.js';
import { ordinaryUser, type ScratchDirectory, scratchDirectory } from '../support/scratch.js';
import { agentChannelXml, goodClock, tinyDomainXml } from '../support/tinyDomain.js';

const wrongClock =
  "<clock offset='utc'><timer name='rtc' track='guest'/><timer name='hpet' present='no'/></clock>";
const schema = JSON.parse(readFileSync(join(projectRoot, 'schema', 'patches.schema.json'), 'utf8'));

describe('remediate --output', () => {
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false });
  addFormats.default(ajv);
  const validate = ajv.compile(schema);
  let scratch: ScratchDirectory;
  let directory: string;

  beforeEach(() => {
    scratch = scratchDirectory('dir');
    directory = join(scratch.path, 'patches');
  });
  afterEach(() => scratch.remove());

  function domain(name: string, { clock = wrongClock, file = `${name}.xml` } = {}): string {
    const path = join(scratch.path, file);
    writeFileSync(path, tinyDomainXml({ name, clock, devices: agentChannelXml }));
    return path;
  }

  const remediate = (...args: string[]) =>
    runTool(['remediate', '--no-host', '--output', directory, ...args], { cwd: scratch.path });
  const wrote = (count: number) =>
    `virt-clock-audit: wrote ${count} ${count === 1 ? 'patch' : 'patches'} and manifest.json to ${directory}\n`;
  const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex');
  const inside = (name: string) => readFileSync(join(directory, name));

  function manifest(): PatchManifest {
    const document = JSON.parse(inside('manifest.json').toString());
    expect(validate(document), JSON.stringify(validate.errors?.slice(0, 3), null, 1)).to.equal(true);
    return document;
  }

  /** Every checksum is what the files have; nothing else lies about. */
  function expectRightChecksums(): PatchManifest {
    const written = manifest();
    const files = [...written.domains, ...written.otherFiles].filter(({ file }) => file !== null);
    for (const { file, fileSha256 } of files)
      expect(sha256(inside(file ?? '')), file ?? '').to.equal(fileSha256);
    const names = [...files.map(({ file }) => file), 'manifest.json'].sort();
    expect(readdirSync(directory).sort()).to.deep.equal(names);
    return written;
  }

  for (const format of PATCH_FORMATS) {
    it(`writes the ${format} of every fixture, and a manifest that fits its schema`, async () => {
      const run = await runTool(
        ['remediate', '--no-host', '--format', format, '--output', directory, '--domxml', FIXTURES],
        { timeoutMs: 100_000 },
      );
      expect(run).to.deep.include({ exitCode: 3, stdout: '' });
      const { domains, format: named } = expectRightChecksums();
      expect(named).to.equal(format);
      expect(domains).to.have.length.above(60);
      expect(domains.filter(({ refused }) => refused !== null)).to.have.length.above(3);
      const patched = domains.filter(({ file }) => file !== null);
      expect(new Set(patched.map(({ file }) => file))).to.have.length(patched.length);
      if (format === 'virt-xml') return expect(patched).to.deep.equal([]);
      expect(patched).to.have.length.above(25);
      for (const { source, beforeSha256, afterSha256, file, mends, refused } of patched) {
        expect(sha256(readFileSync(source)), source).to.equal(beforeSha256);
        // A text file ends with a line feed, also where the definition does not.
        const isLine = readFileSync(source, 'utf8').endsWith('\n');
        if (format === 'xml' && isLine) expect(sha256(inside(file ?? '')), source).to.equal(afterSha256);
        expect(mends.length, source).to.be.above(0);
        expect(refused, source).to.equal(null);
      }
    });
  }

  it('writes diffs that apply, and give the text with the checksum', async function () {
    requireCommand(this, 'patch', 'git');
    const paths = [domain('one'), domain('two words'), domain('\u00fcmlaut')];
    await remediate(...paths.flatMap((path) => ['--domxml', path]));
    for (const [
      index,
      { source, file, beforeSha256, afterSha256 },
    ] of expectRightChecksums().domains.entries()) {
      const patch = join(directory, file ?? '');
      expect(sha256(readFileSync(source))).to.equal(beforeSha256);
      const how = index === 1 ? ['git', 'apply', patch] : ['patch', '-p1', '-s', '-i', patch];
      await runCommand(how[0] ?? '', how.slice(1), { cwd: scratch.path });
      expect(sha256(readFileSync(source)), source).to.equal(afterSha256);
    }
  });

  it('tells what the manifest is for: owner, remarks, proof', async () => {
    await remediate(
      '--domxml',
      join(FIXTURES, 'nova-windows-as-utc.xml'),
      '--domxml',
      domain('good', { clock: goodClock() }),
    );
    const [nova, good] = expectRightChecksums().domains;
    expect(nova).to.deep.include({ temporary: true, refused: null });
    expect(nova?.undoneBy).to.match(/hard reboot/);
    expect(nova?.ownerFix?.steps.some(({ command }) => command?.startsWith('openstack '))).to.equal(true);
    expect(nova?.remarks.length).to.be.above(0);
    expect(good).to.deep.include({
      name: 'good',
      file: null,
      fileSha256: null,
      beforeSha256: null,
      afterSha256: null,
      mends: [],
      refused: null,
      validation: null,
      temporary: false,
      undoneBy: null,
      ownerFix: null,
    });
  });

  it('says what libvirt\u2019s schema says', async function () {
    requireCommand(this, 'virt-xml-validate', 'xmllint');
    const invalid = domain('invalid', { clock: wrongClock.replace('<clock', "<clock colour='red'") });
    await remediate('--domxml', domain('valid'), '--domxml', invalid);
    const kinds = manifest().domains.map(({ name, validation }) => [
      name,
      validation?.before.kind,
      validation?.after.kind,
    ]);
    expect(kinds).to.deep.equal([
      ['valid', 'valid', 'valid'],
      ['invalid', 'invalid', 'invalid'],
    ]);
  });

  it('keeps the names of files unique and inside, whatever domains are called', async () => {
    const names = [
      'same',
      'same',
      '../../etc/cron.d/evil',
      '-rf',
      '.bashrc',
      'manifest',
      'a/b',
      'x'.repeat(300),
    ];
    const paths = names.map((name, index) => domain(name, { file: `${index}.xml` }));
    const { exitCode } = await remediate('--format', 'xml', ...paths.flatMap((path) => ['--domxml', path]));
    expect(exitCode).to.equal(2);
    const files = expectRightChecksums().domains.map(({ file }) => file);
    expect(files.slice(0, 2)).to.deep.equal(['same.xml', 'same-2.xml']);
    for (const file of files) expect(file).to.match(/^[\w@+=:,][\w.@+=:,-]*\.xml$/);
    expect(readdirSync(scratch.path).filter((name) => !/^\d\.xml$/.test(name))).to.deep.equal(['patches']);
  });

  describe('over an earlier run', () => {
    it('removes the patches that are out of date, and says so', async () => {
      const [one, two] = [domain('one'), domain('two')];
      await remediate('--domxml', one, '--domxml', two);
      writeFileSync(join(directory, 'mine.patch'), 'not of this tool');
      domain('two', { clock: goodClock() });
      const run = await remediate('--domxml', one, '--domxml', two);
      expect(run.stderr).to.equal(
        `virt-clock-audit: removed 1 file of an earlier run from ${directory}, out of date now: two.patch\n${wrote(1)}`,
      );
      expect(readdirSync(directory).sort()).to.deep.equal(['manifest.json', 'mine.patch', 'one.patch']);
      expect(manifest().domains.map(({ file }) => file)).to.deep.equal(['one.patch', null]);
    });

    describe('that has patches for domains which this one does not look at', () => {
      const refusal = (what: string) =>
        `virt-clock-audit: ${directory} holds ${what}, which this run did not look at: give another directory, or patch all of them\n`;

      for (const [what, ...args] of [
        ['--domain', '--domain', 'two'],
        ['a glob', '--domain', 't*'],
        ['--no-domains', '--host', '--no-domains'],
      ]) {
        it(`changes nothing because of ${what}`, async () => {
          domain('one');
          domain('two');
          await remediate('--domxml', scratch.path);
          const before = readdirSync(directory).map((name) => inside(name).toString());
          const all = ['remediate', '--output', directory, '--domxml', scratch.path, ...args];
          const run = await runTool(all, { cwd: scratch.path });
          expect(run).to.deep.include({ exitCode: 3, stdout: '' });
          expect(run.stderr).to.match(/ which this run did not look at: give another directory/);
          expect(readdirSync(directory).map((name) => inside(name).toString())).to.deep.equal(before);
        });
      }

      it('names some of them, and refuses audit --patch before its report', async () => {
        for (const name of ['one', 'two', 'three', 'four', 'five']) domain(name);
        await remediate('--domxml', scratch.path);
        const others = 'patches for 4 other domains of an earlier run (four, one, three, …)';
        const all = ['--no-host', '--patch', directory, '--domxml', scratch.path, '--domain', 'five'];
        const run = await runTool(all, { cwd: scratch.path });
        expect(run).to.deep.include({ exitCode: 3, stdout: '', stderr: refusal(others) });
      });

      it('refuses those of another source, and where something could not be read', async () => {
        const [one, two] = [domain('one'), domain('two')];
        await remediate('--domxml', one, '--domxml', two);
        const another = await remediate('--domxml', one);
        expect(another.stderr).to.equal(refusal('a patch for another domain of an earlier run (two)'));
        writeFileSync(two, 'no XML');
        expect((await remediate('--domxml', one, '--domxml', two)).stderr).to.equal(another.stderr);
      });

      it('takes their place where they are gone, and where the same ones are looked at', async () => {
        domain('one');
        const two = domain('two');
        await remediate('--domxml', scratch.path, '--domain', '*');
        const args = ['--domxml', scratch.path, '--domain', 'one', '--domain', 'two'];
        expect((await remediate(...args)).exitCode).to.equal(2);
        rmSync(two);
        expect((await remediate('--domxml', scratch.path)).stderr).to.match(
          /^virt-clock-audit: removed 1 file of/,
        );
        expect(readdirSync(directory).sort()).to.deep.equal(['manifest.json', 'one.patch']);
      });
    });

    it('removes those of another form', async () => {
      const one = domain('one');
      await remediate('--domxml', one);
      await remediate('--domxml', one, '--format', 'xml');
      expect(readdirSync(directory).sort()).to.deep.equal(['manifest.json', 'one.xml']);
    });

    it('keeps a patch that somebody has changed, and says so', async () => {
      const one = domain('one');
      await remediate('--domxml', one);
      writeFileSync(join(directory, 'one.patch'), 'changed by hand');
      domain('one', { clock: goodClock() });
      const { stderr } = await remediate('--domxml', one);
      expect(stderr).to.match(/\/one\.patch is of an earlier run and was changed since; it is kept, /);
      expect(inside('one.patch').toString()).to.equal('changed by hand');
    });

    it('removes nothing outside, whatever the manifest says', async () => {
      const one = domain('one');
      await remediate('--domxml', one);
      const victim = join(scratch.path, 'victim');
      writeFileSync(victim, 'precious');
      const [first] = manifest().domains;
      const evil = (file: string) => ({ ...first, file, fileSha256: sha256('precious') });
      symlinkSync(victim, join(directory, 'link.patch'));
      writeFileSync(
        join(directory, 'manifest.json'),
        JSON.stringify({
          ...manifest(),
          domains: [evil('../victim'), evil(victim), evil('link.patch'), evil('..')],
        }),
      );
      const run = await remediate('--domxml', one);
      expect(run.exitCode).to.equal(2);
      expect(readFileSync(victim, 'utf8')).to.equal('precious');
      expect(lstatSync(join(directory, 'link.patch')).isSymbolicLink()).to.equal(true);
    });

    it('does not take a manifest of somebody else for its own', async () => {
      mkdirSync(directory);
      for (const text of [
        '{"schema":"something/else"}',
        '',
        'null',
        '[]',
        '{"schema":"virt-clock-audit/patches"}',
      ]) {
        writeFileSync(join(directory, 'manifest.json'), text);
        const run = await remediate('--domxml', domain('one'));
        expect(run).to.deep.include({ exitCode: 3, stdout: '' });
        expect(run.stderr).to.equal(
          `virt-clock-audit: ${directory}/manifest.json is no manifest of virt-clock-audit; give a directory of its own\n`,
        );
        expect(inside('manifest.json').toString()).to.equal(text);
        expect(readdirSync(directory)).to.deep.equal(['manifest.json']);
      }
    });
  });

  it('does not follow a link that lies in the way', async () => {
    const victim = join(scratch.path, 'victim');
    writeFileSync(victim, 'precious');
    mkdirSync(directory);
    symlinkSync(victim, join(directory, 'one.patch'));
    expect((await remediate('--domxml', domain('one'))).exitCode).to.equal(2);
    expect(readFileSync(victim, 'utf8')).to.equal('precious');
    expect(lstatSync(join(directory, 'one.patch')).isFile()).to.equal(true);
    expectRightChecksums();
  });

  it('takes no file for a directory', async () => {
    writeFileSync(directory, 'old');
    const run = await remediate('--domxml', domain('one'));
    expect(run).to.deep.include({ exitCode: 3, stdout: '' });
    expect(run.stderr).to.equal(
      `virt-clock-audit: ${directory} is no directory; patches are written into a directory, one file a domain (without --output they go to standard output, which can be redirected)\n`,
    );
    expect(readFileSync(directory, 'utf8')).to.equal('old');
  });

  it('takes - for standard output', async () => {
    const { stdout } = await runTool(['remediate', '--no-host', '-o', '-', '--domxml', domain('one')]);
    expect(stdout).to.match(/^# domain one: makes /);
  });

  it('says that it may not write there', async () => {
    mkdirSync(directory);
    chmodSync(directory, 0o555);
    const args = ['remediate', '--no-host', '--output', directory, '--domxml', domain('one')];
    const run = await runTool(args, { user: ordinaryUser() });
    chmodSync(directory, 0o755);
    expect(run.exitCode).to.equal(3);
    expect(run.stderr).to.match(
      /^virt-clock-audit: cannot write \S+\/patches\/one\.patch: this user may not \(EACCES\)\n$/,
    );
  });

  it('leaves the earlier run as it was when the disk is full', async function () {
    requireCommand(this, 'prlimit');
    const one = domain('one');
    await remediate('--domxml', one);
    const before = { patch: inside('one.patch'), manifest: inside('manifest.json') };
    domain('one', { clock: wrongClock.replace('guest', 'realtime') });
    const args = [tool, 'remediate', '--no-host', '--output', directory, '--domxml', one];
    // A limit on the size of files stands for a full disk.
    const run = await runProcess('prlimit', ['--fsize=64', process.execPath, ...args], { cwd: scratch.path });
    expect(run.exitCode).to.equal(3);
    expect(run.stderr).to.match(
      /virt-clock-audit: cannot write \S+\/one\.patch: it would be larger than a file may be \(EFBIG\)\n/,
    );
    expect({ patch: inside('one.patch'), manifest: inside('manifest.json') }).to.deep.equal(before);
    expect(readdirSync(directory).sort()).to.deep.equal(['manifest.json', 'one.patch']);
  });

  it('is what audit --patch writes', async () => {
    const one = domain('one');
    await remediate('--domxml', one);
    const written = inside('one.patch');
    rmSync(directory, { recursive: true });
    const run = await runTool(['--no-host', '--patch', directory, '--domxml', one], { cwd: scratch.path });
    expect(run).to.deep.include({ exitCode: 2, stderr: wrote(1) });
    expect(inside('one.patch')).to.deep.equal(written);
    expect(expectRightChecksums().format).to.equal('diff');
  });

  it('may be read by everybody, as nothing secret is in it', async () => {
    await remediate('--domxml', domain('one'));
    expect(statSync(join(directory, 'one.patch')).mode & 0o777).to.equal(0o644);
    expect(existsSync(join(directory, 'host-fixes.txt'))).to.equal(false);
  });
});
