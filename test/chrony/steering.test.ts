import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { takesControl } from '../../src/chrony/chronydArguments.js';
import { chronydSteersClock } from '../../src/chrony/steering.js';
import { scratchDirectory } from '../support/scratch.js';

interface FakeProcess {
  readonly args?: readonly string[];
  readonly parent?: string;
  /** Of all capabilities, or without CAP_SYS_TIME. */
  readonly capabilities?: '000001ffffffffff' | '000001fffdffffff' | '0000000002000400' | '0000000000000400';
  readonly uidMap?: string | null;
  /** The numbers of the sockets that it holds. */
  readonly sockets?: readonly number[];
}

const FIRST_NAMESPACE = '         0          0 4294967295\n';

describe('whether chronyd steers the clock', () => {
  const scratch = scratchDirectory('steering');
  let roots = 0;
  after(() => scratch.remove());

  /** A directory that stands for `/`, and the processes that are to be found in it. */
  function host(processes: Readonly<Record<string, FakeProcess>>, unixSockets = '') {
    const root = join(scratch.path, String(++roots));
    for (const [pid, process] of Object.entries(processes)) {
      const { args = ['-F', '1'], parent = '1', capabilities = '0000000002000400' } = process;
      const directory = join(root, 'proc', pid);
      mkdirSync(join(directory, 'fd'), { recursive: true });
      writeFileSync(join(directory, 'cmdline'), ['/usr/sbin/chronyd', ...args, ''].join('\0'));
      writeFileSync(
        join(directory, 'status'),
        `Name:\tchronyd\nPPid:\t${parent}\nCapEff:\t${capabilities}\n`,
      );
      const { uidMap = FIRST_NAMESPACE } = process;
      if (uidMap !== null) writeFileSync(join(directory, 'uid_map'), uidMap);
      for (const [fd, inode] of (process.sockets ?? []).entries())
        symlinkSync(`socket:[${inode}]`, join(directory, 'fd', String(fd + 3)));
    }
    mkdirSync(join(root, 'proc/net'), { recursive: true });
    writeFileSync(join(root, 'proc/net/unix'), unixSockets);
    return { root, daemons: Object.keys(processes).map((pid) => ({ pid, name: 'chronyd' })) };
  }

  function steers(process: FakeProcess): boolean | null {
    const { root, daemons } = host({ 700: process });
    return chronydSteersClock(root, daemons);
  }

  it('is told from its arguments, capabilities and user namespace', () => {
    expect(steers({})).to.equal(true);
    expect(steers({ uidMap: null })).to.equal(true);
    expect(steers({ capabilities: '000001ffffffffff' })).to.equal(true);
    expect(steers({ args: ['-x', '-F', '1'] })).to.equal(false);
    expect(steers({ capabilities: '0000000000000400' })).to.equal(false);
    expect(steers({ capabilities: '000001fffdffffff' })).to.equal(false);
    expect(steers({ uidMap: '         0     100000      65536\n' })).to.equal(false);
  });

  it('is open when the process is gone, hidden or not there', () => {
    const { root } = host({});
    expect(chronydSteersClock(root, [{ pid: '700', name: 'chronyd' }])).to.equal(null);
    expect(chronydSteersClock(root, [])).to.equal(null);
    expect(chronydSteersClock(root, null)).to.equal(null);
    const { root: other } = host({ 700: {} });
    expect(chronydSteersClock(other, [{ pid: '700', name: 'ntpd' }])).to.equal(null);
  });

  it('does not ask what chronyd starts for its resolver and NTS, which has fewer rights', () => {
    const { root, daemons } = host({ 700: {}, 701: { parent: '700', capabilities: '0000000000000400' } });
    expect(chronydSteersClock(root, daemons)).to.equal(true);
  });

  const sockets = [
    'Num       RefCount Protocol Flags    Type St Inode Path',
    '0000000000000000: 00000002 00000000 00000000 0002 01 4711 /run/chrony/chronyd.sock',
    '0000000000000000: 00000002 00000000 00000000 0002 01 4712 /srv/a b/chronyd.sock',
    '0000000000000000: 00000002 00000000 00000000 0002 01 4713',
    '',
  ].join('\n');

  it('is told of the one of several that has the socket', () => {
    const { root, daemons } = host(
      { 700: { sockets: [9, 4711] }, 800: { args: ['-x'], sockets: [4712] } },
      sockets,
    );
    expect(chronydSteersClock(root, daemons)).to.equal(true);
    expect(chronydSteersClock(root, daemons, '/run/chrony/chronyd.sock')).to.equal(true);
    expect(chronydSteersClock(root, daemons, '/srv/a b/chronyd.sock')).to.equal(false);
    expect(chronydSteersClock(root, daemons, '/elsewhere')).to.equal(null);
  });

  it('is told of several by what they agree on, where it is open which one answers', () => {
    const { root, daemons } = host({ 700: {}, 800: {} });
    expect(chronydSteersClock(root, daemons)).to.equal(true);
    expect(chronydSteersClock(root, daemons, '127.0.0.1')).to.equal(true);
    expect(chronydSteersClock(root, daemons, '::1')).to.equal(true);
  });

  it("is open for another host's chronyd", () => {
    const { root, daemons } = host({ 700: {} });
    expect(chronydSteersClock(root, daemons, '192.0.2.1')).to.equal(null);
    expect(chronydSteersClock(root, daemons, 'ntp.example.org')).to.equal(null);
  });
});

describe("chronyd's arguments", () => {
  for (const args of [
    [],
    ['-F', '1'],
    ['-u', 'x'],
    ['-ux'],
    ['-f', '-x'],
    ['-d', '--', '-x'],
    ['pool x'],
    ['-'],
    ['-t', '-x'],
    ['-dfx'],
  ]) {
    it(`let it steer the clock: ${args.join(' ')}`, () => {
      expect(takesControl(args)).to.equal(true);
    });
  }
  for (const args of [
    ['-x'],
    ['-dx'],
    ['-F', '1', '-x'],
    ['-u', 'chrony', '-xd'],
    ['server a', '-x'],
    ['-Q'],
    ['-4x'],
  ]) {
    it(`keep it from that: ${args.join(' ')}`, () => {
      expect(takesControl(args)).to.equal(false);
    });
  }
});
