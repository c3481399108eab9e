import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Fact } from '../../src/facts/fact.js';
import type { QemuProcess } from '../../src/facts/process.js';
import { type ReadFile, readBounded, readBoundedInAll } from '../../src/qemu/boundedFile.js';
import { readQemuProcess } from '../../src/qemu/process.js';
import { type FakeProcess, writeFakeProcess, writePidFile } from '../support/fakeQemu.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';

const STATE = '/run/libvirt/qemu';
const UUID = '17fe4eb2-0ff5-44a0-a319-4228c1b026ae';
const OTHER_UUID = '17fe4eb2-0ff5-44a0-a319-000000000000';
const guest = { name: 'guest', uuid: UUID };
const argv = [
  ...['/usr/bin/qemu-system-x86_64', '-name', 'guest=guest,debug-threads=on', '-S'],
  ...['-object', 'secret,id=masterKey0,data=s3cret', '-uuid', UUID, '-rtc', 'base=utc', '-no-shutdown'],
];

describe('the QEMU process of a domain', () => {
  let root: ScratchDirectory;
  beforeEach(() => {
    root = scratchDirectory('proc');
  });
  afterEach(() => root.remove());

  const read = (domain = guest, directories: readonly string[] = [STATE]): Fact<QemuProcess> =>
    readQemuProcess(domain, directories, root.path);
  const process = (changes: Partial<FakeProcess> = {}) =>
    writeFakeProcess(root.path, { pid: 4711, argv, ...changes });
  const pidFile = (text = '4711', name = 'guest', directory = STATE) =>
    writePidFile(root.path, directory, name, text);

  function expectUnknown(fact: Fact<QemuProcess>, cause: string, reason: RegExp): void {
    if (fact.known) throw new Error(`known: ${JSON.stringify(fact.value)}`);
    expect(fact.cause).to.equal(cause);
    expect(fact.reason).to.match(reason).and.not.match(/\n/);
  }

  it('is read for its clock and its TZ, and for nothing else', () => {
    process({ environment: ['PASSWORD=s3cret', 'TZ=Europe/Paris', 'MY_TZ=x', 'TZ=Asia/Tokyo'] });
    pidFile();
    expect(read()).to.deep.equal({
      known: true,
      value: { pid: 4711, args: ['-rtc', 'base=utc'], tz: 'Europe/Paris' },
      source: '/proc/4711/cmdline',
    });
  });

  it('has no TZ where libvirt set none, and an empty one where it is empty', () => {
    process({ environment: ['PATH=/bin'] });
    pidFile('4711\n');
    expect(read()).to.have.nested.property('value.tz', null);
    process({ environment: ['TZ='] });
    expect(read()).to.have.nested.property('value.tz', '');
  });

  it('is found in the first directory that has its pid file', () => {
    process();
    pidFile('4711', 'guest', '/var/run/libvirt/qemu');
    expect(read(guest, [STATE, '/var/run/libvirt/qemu']).known).to.equal(true);
  });

  it('is recognised whatever the case of its UUID, and with -uuid twice', () => {
    process({ argv: [...argv, '-uuid', OTHER_UUID.toUpperCase()] });
    pidFile();
    expect(read().known).to.equal(true);
    expect(read({ name: 'guest', uuid: OTHER_UUID }).known).to.equal(true);
  });

  it("is told from another process with the same pid, as another container's", () => {
    process({ argv: argv.map((word) => (word === UUID ? OTHER_UUID : word)) });
    pidFile();
    expectUnknown(read(), 'not-its-process', /process 4711, .*not the QEMU of this domain/);
    process({ argv: ['/bin/sleep', '60', UUID] });
    expectUnknown(read(), 'not-its-process', /4711/);
  });

  it('is found behind a script that does not replace itself by QEMU', () => {
    const script = ['/bin/sh', '-e', '/usr/local/bin/emulator', ...argv.slice(1)];
    process({ argv: script, children: [10, 20] });
    writeFakeProcess(root.path, { pid: 10, argv: ['/bin/sleep', '60'] });
    const environment = ['TZ=UTC'];
    writeFakeProcess(root.path, { pid: 20, argv: [...argv, '-rtc', 'clock=vm'], environment });
    pidFile();
    expect(read()).to.deep.include({
      value: { pid: 20, args: ['-rtc', 'base=utc', '-rtc', 'clock=vm'], tz: 'UTC' },
      source: '/proc/20/cmdline',
    });
  });

  it('is not taken for the script in front of it', () => {
    process({ argv: ['/bin/sh', '/usr/local/bin/emulator', ...argv.slice(1)] });
    pidFile();
    expectUnknown(read(), 'not-its-process', /4711/);
  });

  it('is not followed for ever through processes that name each other as children', () => {
    process({ argv: ['/bin/sh', '/usr/local/bin/emulator', ...argv.slice(1)], children: [4711] });
    pidFile();
    expectUnknown(read(), 'not-its-process', /4711/);
  });

  it('is looked for once in each process, however often they name each other as children', () => {
    const script = ['/bin/sh', '/usr/local/bin/emulator', ...argv.slice(1)];
    process({ argv: script, children: [...Array(100).fill(4711), ...Array(100).fill(10), 20] });
    writeFakeProcess(root.path, { pid: 10, argv: script, children: Array(100).fill(10) });
    writeFakeProcess(root.path, { pid: 20, argv });
    pidFile();
    const paths: string[] = [];
    const counting: ReadFile = (path, maxBytes) => {
      paths.push(path);
      return readBounded(path, maxBytes);
    };
    const fact = readQemuProcess(guest, [STATE], root.path, counting);
    expect(fact).to.have.nested.property('value.pid', 20);
    expect(paths.filter((path) => path.endsWith('/cmdline'))).to.have.length(3);
  });

  it('is not looked for among more processes than any script starts', () => {
    const children = Array.from({ length: 64 }, (_, at) => 5000 + at);
    process({ argv: ['/bin/sh', '/usr/local/bin/emulator', ...argv.slice(1)], children });
    for (const pid of children) writeFakeProcess(root.path, { pid, argv: ['/bin/sleep', '60'] });
    pidFile();
    expectUnknown(read(), 'process-unreadable', /^there are more than 64 processes at the one/);
  });

  it('is not looked for where the processes of a recording hold more than any host', () => {
    process();
    pidFile();
    const bytes = 16 * 1024;
    const reading = readBoundedInAll(bytes);
    const facts = Array.from({ length: 17 }, () => readQemuProcess(guest, [STATE], root.path, reading));
    expect(facts[0]?.known).to.equal(true);
    // To open a file counts for a kibibyte, and each of them reads at least one.
    expectUnknown(facts[16] as Fact<QemuProcess>, 'process-unreadable', /hold more than 16384 bytes/);
  });

  it('is read without the list of children, which not every kernel has', () => {
    process({ argv: [argv[0] ?? '', '-cpu', 'max', ...argv.slice(1)] });
    execFileSync('rm', ['-r', join(root.path, 'proc/4711/task')]);
    pidFile();
    expect(read())
      .to.have.nested.property('value.args')
      .that.deep.equals(['-cpu', 'max', '-rtc', 'base=utc']);
  });

  it('is not found without a pid file or without the process', () => {
    expectUnknown(read(), 'process-not-found', /^\/run\/libvirt\/qemu has no pid file of this domain; /);
    pidFile();
    expectUnknown(read(), 'process-not-found', /proc\/4711\/stat is not there: QEMU ended, or is hidden/);
  });

  for (const text of ['', '0', '-1', '../../etc', '99999999999', '4711\n4712']) {
    it(`is not looked for with a pid file that holds ${JSON.stringify(text)}`, () => {
      process();
      pidFile(text);
      expectUnknown(read(), 'process-not-found', /guest\.pid holds no process id$/);
    });
  }

  it('is not looked for where the name of the domain leads out of the directory', () => {
    process();
    pidFile('4711', 'guest', '/etc');
    for (const name of ['../../../etc/guest', '/etc/guest', 'a/guest', 'guest\0']) {
      expectUnknown(read({ name, uuid: UUID }), 'unsafe-name', /name of the domain/);
    }
  });

  it('is found for a name that holds dots alone', () => {
    process();
    pidFile('4711', '..');
    expect(read({ name: '..', uuid: UUID }).known).to.equal(true);
  });

  it('is not looked for through a pid file that is a link, a pipe, a directory or too long', () => {
    process();
    const path = join(root.path, STATE, 'guest.pid');
    mkdirSync(join(root.path, STATE), { recursive: true });
    const unreadable = () => expectUnknown(read(), 'process-unreadable', /guest\.pid/);
    writeFileSync(join(root.path, 'target'), '4711');
    symlinkSync(join(root.path, 'target'), path);
    unreadable();
    execFileSync('rm', [path]);
    execFileSync('mkfifo', [path]);
    unreadable();
    execFileSync('rm', [path]);
    writeFileSync(path, '4711'.padEnd(100));
    unreadable();
    execFileSync('rm', [path]);
    mkdirSync(path);
    unreadable();
  });

  it('is unknown when its command line is longer than the kernel allows', () => {
    process({ argv: [...argv, 'x'.repeat(2 * 1024 * 1024)] });
    pidFile();
    expectUnknown(read(), 'process-unreadable', /cmdline holds more than 2097152 bytes/);
  });

  describe('that belongs to somebody else', () => {
    before(function () {
      if (globalThis.process.getuid?.() !== 0) this.skip();
    });

    /** Reads as an ordinary user; file permissions do not stop root. */
    function readAsNobody(): Fact<QemuProcess> {
      globalThis.process.seteuid?.(65534);
      try {
        return read();
      } finally {
        globalThis.process.seteuid?.(0);
      }
    }

    it('is read without its TZ where only the environment is closed', () => {
      process({ environment: ['TZ=Europe/Paris'] });
      chmodSync(join(root.path, 'proc/4711/environ'), 0o400);
      pidFile();
      expect(readAsNobody()).to.deep.include({
        known: true,
        value: { pid: 4711, args: ['-rtc', 'base=utc'], tz: null, tzRead: false },
      });
    });

    for (const closed of [
      'proc/4711/cmdline',
      'proc/4711',
      'run/libvirt/qemu/guest.pid',
      'run/libvirt/qemu',
    ]) {
      it(`is unknown, with advice, where ${closed} is closed`, () => {
        process();
        pidFile();
        chmodSync(join(root.path, closed), 0o400);
        expectUnknown(
          readAsNobody(),
          'not-permitted',
          /may not be read by this user; run as root, or as the user that QEMU runs as$/,
        );
      });
    }
  });
});
