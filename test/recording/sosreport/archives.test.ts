import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { Collection } from '../../../src/recording/sosreport/collected.js';
import { collectFromArchive, collectFromDirectory } from '../../../src/recording/sosreport/collectReport.js';
import { looksLikeSosreport, readSosreport } from '../../../src/recording/sosreport/sosreport.js';
import { requireCommand } from '../../support/requirement.js';
import { type ScratchDirectory, scratchDirectory } from '../../support/scratch.js';
import { packSosreport, QUIET, REPORTED_AT, writeSosreport } from '../../support/sosreports.js';

async function failure(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it was read');
}

describe('a sosreport', () => {
  let scratch: ScratchDirectory;
  let top: string;

  beforeEach(() => {
    scratch = scratchDirectory('sosreport');
    top = writeSosreport(scratch.path, QUIET);
  });
  afterEach(() => scratch.remove());

  const contents = async (path: string) => {
    const { origin, entries, ...rest } = await readSosreport(path);
    return { ...rest, entries: Object.fromEntries(entries) };
  };

  for (const [ending, ...options] of [
    ['tar'],
    ['tar.gz'],
    ['tar.xz'],
    ['tar.bz2'],
    ['pax.tar', '--format=pax'],
    ['ustar.tar', '--format=ustar'],
  ] as const) {
    it(`says the same as a directory and as .${ending}`, async function () {
      requireCommand(this, 'tar', 'xz', 'bzip2');
      const archive = packSosreport(top, ending, ...options);
      expect(looksLikeSosreport(archive)).to.equal(true);
      const unpacked = await contents(top);
      expect(await contents(archive)).to.deep.equal(unpacked);
      expect(unpacked).to.include({ hostname: 'compute7', recordedAtSeconds: REPORTED_AT, uid: 0 });
      expect(unpacked.entries['/etc/localtime']).to.deep.equal({
        ...{ kind: 'link', target: '../usr/share/zoneinfo/Europe/Berlin' },
      });
    });
  }

  it('is read in a directory of directories, and by names longer than a header has room for', async () => {
    const long = `${'a'.repeat(90)}/${'b'.repeat(90)}`;
    writeSosreport(join(scratch.path, 'outer', long), QUIET, 'sosreport-x');
    // One directory more than a report lies below.
    expect((await readSosreport(join(scratch.path, 'outer', 'a'.repeat(90)))).hostname).to.equal('compute7');
    for (const format of ['gnu', 'pax']) {
      const archive = packSosreport(
        join(scratch.path, 'outer', 'a'.repeat(90)),
        `${format}.tar`,
        `--format=${format}`,
      );
      expect((await readSosreport(archive)).hostname, format).to.equal('compute7');
    }
  });

  it('that was packed from inside has no directory of its own', async () => {
    const archive = join(scratch.path, 'inside.tar');
    spawnSync('tar', ['--create', '--file', archive, '--directory', top, '.']);
    expect((await readSosreport(archive)).hostname).to.equal('compute7');
  });

  describe('that is not to be trusted', () => {
    /** An archive in which GNU tar has kept every path as it was told to. */
    function archiveOf(...args: string[]): string {
      const archive = join(scratch.path, 'bad.tar');
      const { status, stderr } = spawnSync('tar', ['--create', '--file', archive, '-P', ...args]);
      if (status !== 0) throw new Error(String(stderr));
      return archive;
    }

    it('puts nothing where its paths lead', async () => {
      const name = basename(top);
      const archive = archiveOf(
        ...['--directory', scratch.path, '--transform', `s,^${name}/version.txt,../../escaped,`],
        ...['--transform', `s,^${name}/sos_commands/date/date$,/etc/cron.d/escaped,`, name],
      );
      const listed = spawnSync('tar', ['--list', '-P', '--file', archive]).stdout.toString();
      expect(listed).to.include('../../escaped').and.to.include('/etc/cron.d/escaped');
      const { entries } = await readSosreport(archive);
      expect([...entries.keys()].filter((path) => path.includes('escaped'))).to.deep.equal([]);
    });

    it('is not followed out of its directory by a link', async () => {
      writeFileSync(join(scratch.path, 'secret'), 'processor\nflags : secret\n');
      const evil = writeSosreport(
        scratch.path,
        { ...QUIET, 'proc/cpuinfo': { link: '../../secret' } },
        'evil',
      );
      mkdirSync(join(evil, 'etc/libvirt'), { recursive: true });
      symlinkSync(scratch.path, join(evil, 'etc/libvirt/qemu'));
      for (const path of [evil, packSosreport(evil, 'tar')]) {
        const { entries } = await readSosreport(path);
        expect(entries.has('/proc/cpuinfo'), path).to.equal(false);
        const said = JSON.stringify([...entries.values()]);
        expect(said).to.not.include(Buffer.from('secret').toString('base64'));
      }
    });

    it('has nothing of what lies deeper, or has longer names, than anything that is read', async () => {
      const deep = `sys/class/dmi/id/${'a/'.repeat(30)}`;
      const paths = [`${deep}${'b/'.repeat(900)}c`, `etc/libvirt/qemu/${'n'.repeat(300)}.xml`];
      const collection = new Collection();
      const content = { kind: 'file', bytes: Buffer.from('<domain/>') } as const;
      const units = `etc/systemd/system/${'a/'.repeat(35)}b.wants/libvirt-guests.service`;
      for (const path of [...paths, `${units.replace('system/', `system/${'a/'.repeat(1900)}`)}`, units]) {
        expect(collection.wants(path, 'file'), path.slice(0, 80)).to.equal(path === units);
        collection.add(path, content, 0);
      }
      collection.add('sos_commands', { kind: 'directory' }, 0);
      expect([...collection.report().keys()]).to.deep.equal([units, 'sos_commands']);
    });

    it('with a device, a pipe and a hard link in it is read without them', async () => {
      const odd = writeSosreport(scratch.path, QUIET, 'odd');
      spawnSync('mkfifo', [join(odd, 'proc/sysinfo')]);
      spawnSync('ln', [join(odd, 'proc/cmdline'), join(odd, 'sys/hypervisor-type')]);
      for (const path of [odd, packSosreport(odd, 'tar')]) {
        expect((await readSosreport(path)).entries.has('/proc/sysinfo')).to.equal(false);
      }
    });

    it('and unpacks to far more than a report is given up', async () => {
      const path = join(scratch.path, 'bomb.tar.gz');
      const archive = packSosreport(top, 'tar');
      const block = readFileSync(archive);
      writeFileSync(
        path,
        gzipSync(Buffer.concat([block.subarray(0, block.length - 10240), Buffer.alloc(1024)])),
      );
      const limits = { bytes: 2048, seconds: 60 };
      expect(await failure(collectFromArchive(path, 'gzip', limits))).to.equal(
        'unpacks to more than 2048 bytes; unpack it yourself',
      );
    });

    it('and takes too long is given up', async function () {
      requireCommand(this, 'xz');
      const archive = packSosreport(top, 'tar.xz');
      expect(await failure(collectFromArchive(archive, 'xz', { bytes: 1e9, seconds: 0.000001 }))).to.match(
        /^could not be unpacked within /,
      );
    });

    it('leaves no command behind that unpacks what stands behind its end', async function () {
      requireCommand(this, 'xz', 'bzip2');
      const archive = packSosreport(top, 'tar');
      writeFileSync(archive, Buffer.concat([readFileSync(archive), Buffer.alloc(32 * 1024 * 1024)]));
      for (const command of ['xz', 'bzip2']) {
        spawnSync(command, ['--keep', archive]);
        const packed = `${archive}.${command === 'xz' ? 'xz' : 'bz2'}`;
        expect((await readSosreport(packed)).hostname).to.equal('compute7');
        await pause(200);
        expect(process.getActiveResourcesInfo(), command).to.not.include('ProcessWrap');
      }
    });

    it('and has a file that is too large tells that it could not be read', async () => {
      const large = writeSosreport(scratch.path, QUIET, 'large');
      truncateSync(join(large, 'proc/cpuinfo'), 1024 ** 3);
      const { entries } = await readSosreport(large);
      expect(entries.get('/proc/cpuinfo')).to.deep.equal({ kind: 'unreadable' });
    });
  });

  describe('that cannot be read', () => {
    const write = (name: string, bytes: Buffer) => {
      const path = join(scratch.path, name);
      writeFileSync(path, bytes);
      return path;
    };

    it('was cut off', async function () {
      requireCommand(this, 'xz', 'bzip2');
      for (const [ending, said] of Object.entries({
        tar: /^was cut off in the middle$/,
        'tar.gz': /^was cut off in the middle, or is damaged$/,
        'tar.xz': /^was cut off in the middle, or is damaged$/,
        'tar.bz2': /^was cut off in the middle, or is damaged$/,
      })) {
        const bytes = readFileSync(packSosreport(top, ending));
        const cut = write(`cut.${ending}`, bytes.subarray(0, Math.floor(bytes.length * 0.45)));
        expect(await failure(readSosreport(cut)), ending).to.match(said);
      }
    });

    it('was damaged on its way', async function () {
      requireCommand(this, 'xz', 'bzip2');
      // Before they notice, they may hand on what is no archive any more, or miss what should follow.
      const said =
        /^(is a damaged gzip file: .+|could not be unpacked with \w+: .+|is no tar archive, or a damaged one|was cut off in the middle, or is damaged)$/;
      for (const ending of ['tar.gz', 'tar.xz', 'tar.bz2']) {
        for (const part of [0.2, 0.4, 0.6, 0.8]) {
          const bytes = readFileSync(packSosreport(top, ending));
          const start = Math.floor(bytes.length * part);
          bytes.fill(0x55, start, start + 20);
          const damaged = write(`bad.${ending}`, bytes);
          expect(await failure(readSosreport(damaged)), `${ending} ${part}`).to.match(said);
        }
      }
    });

    it('is encrypted', async () => {
      const message = 'is encrypted; decrypt it first, as with gpg --output sosreport.tar.xz --decrypt';
      const bytes = Buffer.from([0x84, 0x5e, 0x03, 0x7f, 0, 1, 2, 3]);
      for (const path of [write('sosreport.tar.xz.gpg', bytes), write('renamed.tar.xz', bytes)]) {
        expect(looksLikeSosreport(path)).to.equal(true);
        expect(await failure(readSosreport(path))).to.equal(message);
      }
    });

    it('is none', async () => {
      const other = join(scratch.path, 'other');
      writeSosreport(scratch.path, { 'etc/passwd': 'root\n' }, 'other');
      for (const path of [other, packSosreport(other, 'tar')]) {
        expect(await failure(readSosreport(path))).to.equal(
          'is no sosreport: there is no sos_commands in it',
        );
      }
    });

    it('is all of a disk, which is not looked through', () => {
      const startedAt = performance.now();
      expect(() => collectFromDirectory('/')).to.throw(/^(is no sosreport|holds other sosreports)/);
      expect(performance.now() - startedAt).to.be.below(5000);
    });

    it('holds others, as sos collect makes them', async () => {
      const several = join(scratch.path, 'several');
      mkdirSync(several);
      packSosreport(top, 'tar.gz');
      spawnSync('mv', [`${top}.tar.gz`, several]);
      expect(await failure(readSosreport(several))).to.equal(
        `holds other sosreports, such as ${basename(top)}.tar.gz; unpack it, and name one of them`,
      );
      writeSosreport(several, QUIET, 'one');
      writeSosreport(several, QUIET, 'two');
      expect(await failure(readSosreport(several))).to.match(/^holds 2 sosreports, such as (one|two)\/; /);
    });
  });

  it('is not what saved facts and other packed files look like', () => {
    const path = join(scratch.path, 'facts.json.gz');
    writeFileSync(path, gzipSync('{"schemaVersion": "1.0"}'));
    expect(looksLikeSosreport(path)).to.equal(false);
    writeFileSync(path, '{}');
    expect(looksLikeSosreport(path)).to.equal(false);
    expect(looksLikeSosreport('-')).to.equal(false);
  });
});
