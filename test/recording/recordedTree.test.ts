import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { layTree, type RecordedTree } from '../../src/recording/recordedTree.js';
import type { RecordedEntry } from '../../src/recording/recording.js';
import { RecordingNotLaidOut, RecordingUnreadable } from '../../src/recording/recordingUnreadable.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';

const file = (text: string): RecordedEntry => ({ kind: 'file', bytes: Buffer.from(text) });
const link = (target: string): RecordedEntry => ({ kind: 'link', target });

/** Without following them, as reading a directory with all below it would. */
function linksBelow(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const place = join(directory, entry.name);
    if (entry.isSymbolicLink()) return [place];
    return entry.isDirectory() ? linksBelow(place) : [];
  });
}

describe('the tree of recorded files', () => {
  let scratch: ScratchDirectory;
  let tree: RecordedTree | undefined;

  beforeEach(() => {
    scratch = scratchDirectory('tree');
    mkdirSync(join(scratch.path, 'outside'));
    writeFileSync(join(scratch.path, 'outside', 'file'), 'outside');
  });
  afterEach(async () => {
    tree?.remove();
    tree = undefined;
    await scratch.remove();
  });

  function lay(entries: Readonly<Record<string, RecordedEntry>>): (path: string) => string {
    tree?.remove();
    tree = layTree(new Map(Object.entries(entries)));
    const { root } = tree;
    return (path) => readFileSync(join(root, path), 'utf8');
  }

  it('holds files, directories and links as they were', () => {
    const read = lay({
      '/etc/adjtime': file('UTC'),
      '/sys/class': { kind: 'directory' },
      '/etc/localtime': link('/usr/share/zoneinfo/Europe/Paris'),
      '/usr/share/zoneinfo/Europe/Paris': file('TZif'),
      '/a/relative': link('../etc/adjtime'),
      '/proc/7/fd/3': link('socket:[4711]'),
    });
    expect([read('/etc/adjtime'), read('/etc/localtime'), read('/a/relative')]).to.deep.equal([
      'UTC',
      'TZif',
      'UTC',
    ]);
    expect(statSync(join(tree?.root ?? '', 'sys/class')).isDirectory()).to.equal(true);
  });

  it('is closed to other users, and gone afterwards', () => {
    lay({ '/etc/shadow': file('secret') });
    const { root = '' } = tree ?? {};
    expect(statSync(root).mode & 0o077).to.equal(0);
    expect(statSync(join(root, 'etc/shadow')).mode & 0o077).to.equal(0);
    tree?.remove();
    expect(existsSync(root)).to.equal(false);
  });

  it('makes what could not be read unreadable', () => {
    const read = lay({ '/etc/adjtime': { kind: 'unreadable' } });
    expect(() => read('/etc/adjtime'))
      .to.throw()
      .with.property('code', 'ELOOP');
  });

  it('puts nothing outside, whatever paths and links say', () => {
    const outside = join(scratch.path, 'outside');
    const up = '../'.repeat(40);
    lay({
      [`/${up}${outside}/made`]: file('1'),
      [`/a/../..${outside}/made`]: file('2'),
      '/in': link(outside),
      '/in/made': file('3'),
      '/up': link(`${up}${outside}`),
      '/up/made': file('4'),
      '/chain': link('/in'),
      '/chain/made': file('5'),
      '/deep/in/it': link('../../../../../../../..'),
      [`/deep/in/it${outside}/made`]: file('6'),
      '/in/file': file('7'),
      '/in/made-directory': { kind: 'directory' },
    });
    expect(readdirSync(outside)).to.deep.equal(['file']);
    expect(readFileSync(join(outside, 'file'), 'utf8')).to.equal('outside');
  });

  it('lets no link lead outside, not even to read', () => {
    const read = lay({
      '/one': link(join(scratch.path, 'outside', 'file')),
      '/two': link(`${'../'.repeat(40)}${scratch.path}/outside/file`),
      '/three/four': link('../one'),
      '/proc-of-ours': link('/proc/self/environ'),
      '/device': link('/dev/zero'),
      '/almost': link('/dev/ptp0/../../etc/passwd'),
    });
    for (const path of ['/one', '/two', '/three/four', '/proc-of-ours', '/device', '/almost']) {
      expect(() => read(path), path).to.throw(/ENOENT|ELOOP|ENOTDIR/);
    }
  });

  it('survives circles, files in the way of directories and names that are too long', () => {
    const read = lay({
      '/a': link('/b'),
      '/b': link('/a'),
      '/c': file('first'),
      '/c/d': file('below a file'),
      '/e/f': file('below'),
      '/e': file('in the way'),
      [`/${'n'.repeat(300)}`]: file('too long'),
      '/self': link('/self'),
      '/': file('the root itself'),
    });
    expect(() => read('/a')).to.throw(/ELOOP/);
    expect([read('/c'), read('/e/f')]).to.deep.equal(['first', 'below']);
  });

  it('keeps every entry inside of it, and every link that leads somewhere as well', () => {
    const part = fc.constantFrom('a', 'b', 'c', '..', '.', 'etc', 'tmp');
    const path = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => `/${parts.join('/')}`);
    const entry = fc.oneof(
      fc.constant(file('x')),
      fc.constant<RecordedEntry>({ kind: 'directory' }),
      fc.constant<RecordedEntry>({ kind: 'unreadable' }),
      fc
        .oneof(
          path,
          fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('/')),
        )
        .map(link),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(path, entry), { maxLength: 12 }), (entries) => {
        const laid = layTree(new Map(entries));
        try {
          for (const place of linksBelow(laid.root)) {
            if (!existsSync(place)) continue;
            expect(`${realpathSync(place)}/`.startsWith(`${laid.root}/`), `${place} leads outside`).to.equal(
              true,
            );
          }
        } finally {
          laid.remove();
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is not laid deeper, or with longer names, than any file that is read', () => {
    const path = (levels: number) => `/x${'/a'.repeat(levels - 1)}`;
    const read = lay({
      [path(1900)]: file('deep'),
      [path(41)]: file('too deep'),
      [`${path(39)}/b`]: file('deep enough'),
      [`/${'é'.repeat(127)}`]: file('long enough'),
      [`/${'é'.repeat(128)}/below`]: file('too long'),
    });
    expect(read(`${path(39)}/b`)).to.equal('deep enough');
    const { root = '' } = tree ?? {};
    expect(readdirSync(root)).to.have.members(['x', 'é'.repeat(127)]);
    expect(existsSync(join(root, path(40)))).to.equal(false);
    tree?.remove();
    expect(existsSync(root)).to.equal(false);
  });

  it('leads to no device but where it has to tell which one a process has open', () => {
    const SERVICE = 'etc/systemd/system/libvirt-guests.service';
    lay({
      '/sys/devices/system/clocksource/clocksource0/current_clocksource': link('/dev/ptp0'),
      '/etc/localtime': link('/dev/ptp0'),
      '/dev/ptp0': link('/dev/ptp0'),
      '/dev/ptp1': file('x'),
      '/proc/7/fd/3': link('/dev/ptp0'),
      '/proc/7/fd/x': link('/dev/ptp0'),
      '/proc/7/fd/4': link('socket:[4711]'),
      '/proc/7/comm': link('fd/3'),
      '/etc/adjtime': link('/etc/chain'),
      '/etc/chain': link('/proc/7/fd/3'),
      '/a': link('/proc/7/fd'),
      [`/${SERVICE}`]: link('/dev/null'),
      '/etc/chrony.conf': link('/dev/null'),
    });
    const { root = '' } = tree ?? {};
    const says = (path: string) => readlinkSync(join(root, path));
    expect([says('proc/7/fd/3'), says('proc/7/fd/4'), says(SERVICE)]).to.deep.equal([
      ...['/dev/ptp0', 'socket:[4711]', '/dev/null'],
    ]);
    const absolute = linksBelow(root).filter((place) => readlinkSync(place).startsWith('/'));
    expect(absolute).to.have.members([join(root, 'proc/7/fd/3'), join(root, SERVICE)]);
    // Whatever led to the one that says so cannot be read at all.
    for (const path of ['proc/7/comm', 'etc/adjtime', 'etc/chain', 'a']) {
      expect(() => statSync(join(root, path)), path).to.throw(/ELOOP/);
    }
    expect(existsSync(join(root, 'dev'))).to.equal(false);
  });

  it('has nothing that thousands of links could have readers read again and again', () => {
    const large = (bytes: number): RecordedEntry => ({ kind: 'file', bytes: Buffer.alloc(bytes, 'x') });
    const read = lay({
      '/opt/status': file('shared'),
      '/opt/fd/3': link('/dev/ptp0'),
      '/proc/7/status': link('/opt/status'),
      '/proc/7/fd': link('/opt/fd'),
      '/proc/8': link('/proc/9'),
      '/proc/9/comm': file('chronyd'),
      '/proc/9/cmdline': large(4 * 1024 * 1024),
      '/proc/9/environ': large(4 * 1024 * 1024 + 1),
      '/sys/class/rtc/rtc0/hctosys': large(64 * 1024),
      '/sys/class/rtc/rtc1/hctosys': large(64 * 1024 + 1),
    });
    for (const path of ['7/status', '7/fd/3', '8/comm', '9/environ']) {
      expect(() => read(`/proc/${path}`), path).to.throw(/ELOOP/);
    }
    expect(read('/proc/9/comm')).to.equal('chronyd');
    expect(read('/proc/9/cmdline')).to.have.length(4 * 1024 * 1024);
    expect(read('/sys/class/rtc/rtc0/hctosys')).to.have.length(64 * 1024);
    expect(() => read('/sys/class/rtc/rtc1/hctosys')).to.throw(/ELOOP/);
    lay({ '/proc': link('/opt'), '/opt/1/comm': file('x') });
    expect(() => read('/proc/1/comm')).to.throw();
  });

  it('is laid without links that could be none', () => {
    const read = lay({ '/etc/localtime': link('/usr/share\0/zoneinfo'), '/etc/adjtime': file('UTC') });
    expect(() => read('/etc/localtime')).to.throw(/ENOENT/);
    expect(read('/etc/adjtime')).to.equal('UTC');
  });

  describe('and what keeps it from being laid', () => {
    const temporary = process.env.TMPDIR;
    beforeEach(() => {
      process.env.TMPDIR = scratch.path;
    });
    afterEach(() => {
      if (temporary === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = temporary;
    });
    const many = (count: number, path: (index: number) => string) =>
      new Map(Array.from({ length: count }, (_, index) => [path(index), file('')]));

    it('is more than any host has, which is refused before anything is laid', () => {
      for (const [entries, message] of [
        [many(20_001, (index) => `/proc/${index}`), /^holds more than 20000 files, which no host has/],
        [many(7000, (index) => `/${index}/a/b/c`), /^holds more than 20000 directories, which no host has/],
      ] as const) {
        expect(() => layTree(entries)).to.throw(RecordingUnreadable, message);
      }
      expect(readdirSync(scratch.path)).to.deep.equal(['outside']);
    });

    it('leaves nothing behind', () => {
      const bad = { kind: 'file', bytes: 5 } as unknown as RecordedEntry;
      expect(() => layTree(new Map([['/a/b', bad]]))).to.throw(RecordingNotLaidOut);
      expect(readdirSync(scratch.path)).to.deep.equal(['outside']);
      expect(process.listeners('SIGTERM').map(({ name }) => name)).to.not.include('passOn');
    });

    it('is told by the name of the directory', () => {
      process.env.TMPDIR = join(scratch.path, 'missing');
      expect(() => layTree(new Map()))
        .to.throw(RecordingNotLaidOut)
        .with.property('directory', process.env.TMPDIR);
    });
  });
});
