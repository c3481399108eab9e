import {
  chmodSync,
  chownSync,
  lchownSync,
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
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';
import { agentChannelXml, goodClock, tinyDomainXml } from '../support/tinyDomain.js';

const OTHER = 65534;

describe('a file that a run replaces', () => {
  const isRoot = process.getuid?.() === 0;
  let scratch: ScratchDirectory;
  let audit: string[];
  const at = (...names: string[]) => join(scratch.path, ...names);

  beforeEach(() => {
    scratch = scratchDirectory('replaced');
    const xml = tinyDomainXml({ name: 'one', clock: goodClock(), devices: agentChannelXml });
    writeFileSync(at('one.xml'), xml);
    audit = ['--domxml', at('one.xml'), '--no-host'];
  });
  afterEach(() => scratch.remove());

  const write = (file: string) => runTool([...audit, '--format', `prometheus=${file}`]);
  const isReport = (file: string) => expect(readFileSync(file, 'utf8')).to.contain('run_success 1');
  const ownerOf = (file: string) => {
    const { uid, gid, mode } = statSync(file);
    return `${uid}:${gid} ${(mode & 0o777).toString(8)}`;
  };

  describe('by a link', () => {
    /** A directory that this user does not rule alone, with links of that owner to a file and to nothing. */
    function place(owner: number, mode: number, linkOwner: number): string {
      const directory = at('textfiles');
      mkdirSync(directory);
      writeFileSync(at('victim'), 'precious');
      chmodSync(at('victim'), 0o600);
      for (const [name, target] of [
        ['file.prom', at('victim')],
        ['nothing.prom', at('new victim')],
        ['device.prom', '/dev/null'],
        ['output.prom', '/proc/self/fd/1'],
      ] as const) {
        symlinkSync(target, join(directory, name));
        lchownSync(join(directory, name), linkOwner, linkOwner);
      }
      chownSync(directory, owner, owner);
      chmodSync(directory, mode);
      return directory;
    }

    for (const [what, owner, mode, linkOwner] of [
      ["in somebody else's directory", OTHER, 0o755, OTHER],
      ["in somebody else's directory, though it is one of root's", OTHER, 0o755, 0],
      ['of somebody else', 0, 0o755, OTHER],
      ['in a directory for everybody', 0, 0o1777, 0],
      ['in a directory for a group', 0, 0o775, 0],
    ] as const) {
      it(`${what} is the link, and not what it leads to`, async function () {
        requireFact(this, isRoot, 'only root can give files away');
        const directory = place(owner, mode, linkOwner);
        for (const name of readdirSync(directory)) {
          const file = join(directory, name);
          const run = await write(file);
          const said = `virt-clock-audit: ${file} was a link that others may have put there: it is the file itself now\n`;
          const stderr = name === 'nothing.prom' ? '' : said;
          expect(run, name).to.deep.include({ exitCode: 0, stdout: '', stderr });
          expect(lstatSync(file).isFile(), name).to.equal(true);
          expect(ownerOf(file), name).to.equal('0:0 644');
          isReport(file);
        }
        expect(readFileSync(at('victim'), 'utf8')).to.equal('precious');
        expect(readdirSync(scratch.path).sort()).to.deep.equal(['one.xml', 'textfiles', 'victim']);
      });
    }

    it('is what the link leads to where nobody else can have put the link there, over several links', async () => {
      mkdirSync(at('elsewhere'));
      writeFileSync(at('elsewhere', 'file'), 'old');
      symlinkSync('second', at('first'));
      symlinkSync('elsewhere/../elsewhere/file', at('second'));
      expect(await write(at('first'))).to.deep.include({ exitCode: 0, stderr: '' });
      isReport(at('elsewhere', 'file'));
      expect(['first', 'second'].map((it) => lstatSync(at(it)).isSymbolicLink())).to.deep.equal([true, true]);
    });

    it('that leads nowhere is the link', async () => {
      symlinkSync('nothing', at('link'));
      expect(await write(at('link'))).to.deep.include({ exitCode: 0, stderr: '' });
      expect(lstatSync(at('link')).isFile()).to.equal(true);
      expect(readdirSync(scratch.path).sort()).to.deep.equal(['link', 'one.xml']);
    });
  });

  it('is none where its name ends as that of a directory', async () => {
    writeFileSync(at('plain'), 'precious');
    for (const [name, reason] of [
      ['new/', 'there is no such file or directory (ENOENT)'],
      ['plain/', 'a part of the path is no directory (ENOTDIR)'],
      ['', 'it is a directory, and a file is wanted (EISDIR)'],
    ] as const) {
      const run = await write(`${scratch.path}/${name}`);
      expect(run.exitCode, name).to.equal(3);
      expect(run.stderr, name).to.contain(reason);
    }
    expect(readFileSync(at('plain'), 'utf8')).to.equal('precious');
    expect(readdirSync(scratch.path).sort()).to.deep.equal(['one.xml', 'plain']);
  });

  describe('of somebody else', () => {
    beforeEach(function () {
      requireFact(this, isRoot, 'only root can give files away');
      writeFileSync(at('a.prom'), 'old');
    });

    for (const [uid, gid] of [
      [0, OTHER],
      [OTHER, OTHER],
    ] as const) {
      it(`stays that of ${uid}:${gid}, with its permissions`, async () => {
        chownSync(at('a.prom'), uid, gid);
        chmodSync(at('a.prom'), 0o640);
        expect(await write(at('a.prom'))).to.deep.include({ exitCode: 0, stderr: '' });
        isReport(at('a.prom'));
        expect(ownerOf(at('a.prom'))).to.equal(`${uid}:${gid} 640`);
      });
    }

    it('is told of where it cannot be given back, and the run is what it was', async function () {
      requireCommand(this, 'setpriv');
      chownSync(at('a.prom'), OTHER, OTHER);
      chmodSync(at('a.prom'), 0o640);
      const limited = ['--bounding-set', '-chown', '--inh-caps', '-chown', process.execPath, tool, ...audit];
      const run = await runProcess('setpriv', [...limited, '--format', `prometheus=${at('a.prom')}`]);
      expect(run.stderr).to.equal(
        `virt-clock-audit: ${at('a.prom')} was replaced: it belonged to 65534:65534 (user:group) and belongs to 0:0 now\n`,
      );
      expect(run.exitCode).to.equal(0);
      isReport(at('a.prom'));
      expect(ownerOf(at('a.prom'))).to.equal('0:0 640');
    });

    it('is not given to him in a directory of his own', async () => {
      mkdirSync(at('his'));
      const file = at('his', 'facts.json');
      writeFileSync(file, 'planted');
      for (const it of [at('his'), file]) chownSync(it, OTHER, OTHER);
      for (const mode of [0o600, 0o644]) {
        chmodSync(file, mode);
        expect((await runTool(['collect', ...audit, '--output', file])).exitCode).to.equal(0);
        expect(ownerOf(file)).to.equal('0:0 600');
        chownSync(file, OTHER, OTHER);
      }
    });

    it('is neither given to him nor left for him to write in a directory for everybody', async () => {
      mkdirSync(at('public'));
      chmodSync(at('public'), 0o1777);
      const file = at('public', 'a.prom');
      writeFileSync(file, 'planted');
      chmodSync(file, 0o666);
      chownSync(file, OTHER, OTHER);
      const run = await write(file);
      expect(run.stderr).to.match(
        /^virt-clock-audit: \S+ was replaced: it belonged to 65534:65534 [^\n]*\n$/,
      );
      expect(run.exitCode).to.equal(0);
      expect(ownerOf(file)).to.equal('0:0 644');
      chownSync(file, OTHER, OTHER);
      chmodSync(file, 0o666);
      const collected = await runTool(['collect', ...audit, '--output', file]);
      expect(collected.exitCode).to.equal(0);
      expect(ownerOf(file), 'what not everybody should read').to.equal('0:0 600');
    });
  });
});
