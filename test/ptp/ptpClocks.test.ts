import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect } from 'chai';
import type { PtpClock } from '../../src/facts/ptpClock.js';
import type { SystemCalls } from '../../src/kernel/systemCalls.js';
import { readPtpClocks } from '../../src/ptp/ptpClocks.js';
import { fakePtpCalls } from '../support/fakePtpClock.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';

/** 2026-01-01, in nanoseconds. */
const NOW = 1_767_225_600_000_000_000n;
const TAI = 37_000_000_000n;

/** Longer than all clocks together may take. */
const wait = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60);

const unasked = (): never => {
  throw new Error('nobody had to bind system calls');
};

describe('the PTP clocks of a machine', () => {
  let root: ScratchDirectory;

  beforeEach(() => {
    root = scratchDirectory('root');
    mkdirSync(join(root.path, 'sys/class/net'), { recursive: true });
  });
  afterEach(() => root.remove());

  const directory = (...parts: string[]): string => {
    const path = join(root.path, ...parts);
    mkdirSync(path, { recursive: true });
    return path;
  };
  const link = (from: string, to: string) => symlinkSync(relative(join(from, '..'), to), from);

  /** As the kernel lays it out: the class links to the clock, which lies below its device and links back to it. */
  function clock(name: string, clockName: string, device?: string): string {
    const parent = device ?? 'sys/devices/virtual';
    const path = directory(parent, 'ptp', name);
    writeFileSync(join(path, 'clock_name'), `${clockName}\n`);
    if (device) link(join(path, 'device'), join(root.path, device));
    link(join(directory('sys/class/ptp'), name), path);
    writeFileSync(join(directory('dev'), name), '');
    return path;
  }
  function card(address: string, driver: string, ...interfaces: string[]): string {
    const path = `sys/devices/pci0000:00/${address}`;
    link(join(directory(path), 'driver'), directory('sys/bus/pci/drivers', driver));
    for (const one of interfaces) directory(path, 'net', one);
    return path;
  }
  function process(pid: string, name: string, ...open: string[]): { pid: string; name: string } {
    const descriptors = directory('proc', pid, 'fd');
    for (const [number, target] of open.entries()) symlinkSync(target, join(descriptors, String(number)));
    return { pid, name };
  }
  function read(
    calls: () => Pick<SystemCalls, 'ioctl'> = unasked,
    daemons: { pid: string; name: string }[] | null = [],
  ): readonly PtpClock[] {
    const fact = readPtpClocks(root.path, daemons, calls);
    if (!fact.known) throw new Error(fact.reason);
    return fact.value;
  }

  it('are none where the kernel has no class of them, or an empty one, and no system call is bound for that', () => {
    expect(read()).to.deep.equal([]);
    directory('sys/class/ptp');
    expect(read()).to.deep.equal([]);
  });

  it('are unknown where there is no sysfs', () => {
    expect(readPtpClocks(join(root.path, 'nowhere'), [], unasked)).to.deep.include({
      known: false,
      cause: 'ptp-clocks-unreadable',
      reason: '/sys/class/ptp cannot be read (ENOENT); is /sys mounted?',
    });
  });

  it('are unknown where there are more, or with more interfaces, than any machine has', () => {
    const refused = () => {
      const fact = readPtpClocks(root.path, [], () => fakePtpCalls({}));
      return fact.known ? `${fact.value.length} clocks` : `${fact.cause}: ${fact.reason}`;
    };
    const device = card('0000:00:02.0', 'igb', ...Array.from({ length: 300 }, (_, at) => `eth${at}`));
    for (let at = 0; at < 210; at++) clock(`ptp${at}`, 'igb', device);
    expect(refused()).to.equal('210 clocks');
    for (let at = 210; at < 220; at++) clock(`ptp${at}`, 'igb', device);
    expect(refused()).to.match(
      /^ptp-clocks-garbled: \/sys\/class\/ptp has more than 65536 network interfaces/,
    );
    for (let at = 220; at < 2049; at++) symlinkSync('ptp0', join(root.path, `sys/class/ptp/ptp${at}`));
    expect(refused()).to.match(/^ptp-clocks-garbled: \/sys\/class\/ptp has more than 2048 clocks/);
  });

  it('are told with driver, interfaces, capabilities, offset and the daemons that have them open', () => {
    clock('ptp0', 'igb PHC', card('0000:00:02.0', 'igb', 'eth1', 'eth0'));
    const daemons = [
      process('70', 'ptp4l', '/dev/null', '/dev/ptp0'),
      process('71', 'phc2sys', '/dev/ptp0', '/dev/ptp0'),
      process('72', 'chronyd', '/dev/ptp10', 'socket:[1]'),
      { pid: '73', name: 'ended' },
    ];
    const sample = (took: bigint, away: bigint) => [NOW, NOW + took / 2n + TAI + away, NOW + took] as const;
    const extended = [sample(9000n, 500n), sample(3000n, 1n), sample(800n, 20n), sample(4000n, 3n)];
    const calls = fakePtpCalls({
      maxAdjustmentPpb: 62_500_000,
      extended: [...extended, extended[0]] as never,
    });
    expect(read(() => calls, daemons)).to.deep.equal([
      {
        device: '/dev/ptp0',
        clockName: 'igb PHC',
        driver: 'igb',
        interfaces: ['eth0', 'eth1'],
        capabilities: {
          maxAdjustmentPpb: 62_500_000,
          alarms: 0,
          externalTimestamps: 0,
          periodicOutputs: 0,
          pps: false,
          crossTimestamping: false,
        },
        offset: { offsetSeconds: 37.00000002, errorBoundSeconds: 4e-7, method: 'extended' },
        offsetMissing: null,
        users: ['phc2sys', 'ptp4l'],
      },
    ]);
  });

  it('are measured in the best way that there is', () => {
    clock('ptp0', 'KVM virtual PTP');
    const precise = [NOW - 1500n, NOW] as const;
    const basic = [0n, 6n, 10n, 13n, 14n, 19n, 20n, 30n, 40n, 50n, 60n].map((after) => NOW + after);
    const measured = (...about: Parameters<typeof fakePtpCalls>) =>
      read(() => fakePtpCalls(...about))[0]?.offset;
    expect(measured({ precise, basic, crossTimestamping: true })).to.deep.equal({
      offsetSeconds: -1.5e-6,
      errorBoundSeconds: 0,
      method: 'precise',
    });
    // The second sample took the least time: the device's 13 ns between 10 and 14 ns.
    expect(measured({ basic })).to.deep.equal({
      offsetSeconds: 1e-9,
      errorBoundSeconds: 2e-9,
      method: 'basic',
    });
  });

  it('have no offset where the driver fills nothing in or the system clock was set in between', () => {
    clock('ptp0', 'odd');
    const told = (...about: Parameters<typeof fakePtpCalls>) => read(() => fakePtpCalls(...about))[0];
    const backwards = [[NOW, NOW, NOW - 1n] as const];
    expect(told({ precise: [NOW, 0n], extended: [], basic: [] })).to.deep.include({
      offset: null,
      offsetMissing: 'its driver gives times that cannot be',
    });
    expect(told({ extended: backwards })).to.deep.include({
      offset: null,
      offsetMissing: 'the kernel cannot read it (EOPNOTSUPP)',
    });
  });

  it('are listed without capabilities where they cannot be asked', () => {
    const path = clock('ptp0', 'e1000e');
    const nothing = { capabilities: null, offset: null };
    expect(read(() => fakePtpCalls({ error: 'ENOTTY' }))[0]).to.deep.include({
      ...nothing,
      offsetMissing: '/dev/ptp0 is no PTP clock (ENOTTY)',
    });
    const noLibrary = () => {
      throw new Error('libc.so.6 is missing');
    };
    expect(read(noLibrary)[0]?.offsetMissing).to.equal(
      'the C library could not be used (libc.so.6 is missing)',
    );
    link(join(root.path, 'sys/class/ptp/ptp1'), path);
    expect(read(() => fakePtpCalls({}))[1]).to.deep.include({
      ...nothing,
      offsetMissing: 'there is no /dev/ptp1',
    });
    symlinkSync('ptp2', join(root.path, 'dev/ptp2'));
    link(join(root.path, 'sys/class/ptp/ptp2'), path);
    expect(read(() => fakePtpCalls({}))[2]).to.deep.include({
      ...nothing,
      offsetMissing: '/dev/ptp2 may not be opened (ELOOP)',
    });
  });

  it('are listed but no longer asked when one of them keeps everybody waiting', () => {
    clock('ptp0', 'slow');
    clock('ptp1', 'never asked');
    const { ioctl } = fakePtpCalls({ basic: Array(11).fill(NOW) });
    const slow = (...call: Parameters<typeof ioctl>): number => {
      wait();
      return ioctl(...call);
    };
    const [first, second] = read(() => ({ ioctl: slow }));
    expect(first?.offset).to.include({ offsetSeconds: 0, method: 'basic' });
    expect(second).to.deep.include({ clockName: 'never asked', offset: null, capabilities: null });
    expect(second?.offsetMissing).to.equal('the clocks before it took too long');
  });

  it('are all asked on a machine that is slow at everything else', () => {
    clock('ptp0', 'igb');
    clock('ptp1', 'igb');
    const calls = () => {
      wait();
      return fakePtpCalls({ basic: Array(11).fill(NOW) });
    };
    expect(read(calls).map(({ offset }) => offset?.method)).to.deep.equal(['basic', 'basic']);
  });

  it('are really asked: what is no device says so through the C library', () => {
    clock('ptp0', 'a file');
    const fact = readPtpClocks(root.path, []);
    expect(fact.known && fact.value[0]?.offsetMissing).to.equal('/dev/ptp0 is no PTP clock (ENOTTY)');
  });

  it('come in the order of their numbers, and nothing else of the class is taken for one', () => {
    for (const name of ['ptp10', 'ptp9', 'ptp0']) clock(name, name);
    directory('sys/class/ptp/..evil');
    directory('sys/class/ptp/ptp1x');
    expect(read(() => fakePtpCalls({})).map(({ device }) => device)).to.deep.equal([
      '/dev/ptp0',
      '/dev/ptp9',
      '/dev/ptp10',
    ]);
  });

  it('have driver and interface of the real clock where they are virtual, and the interface of their PHY', () => {
    const real = clock('ptp0', 'real', card('0000:00:03.0', 'ice', 'ens3'));
    clock('ptp1', 'ptp virtual clock', relative(root.path, real));
    clock('ptp2', 'phy', 'sys/devices/mdio/phy1');
    link(join(directory('sys/class/net/lan4'), 'phydev'), join(root.path, 'sys/devices/mdio/phy1'));
    directory('sys/class/net/lo');
    expect(
      read(() => fakePtpCalls({})).map(({ driver, interfaces }) => [driver, ...interfaces]),
    ).to.deep.equal([
      ['ice', 'ens3'],
      ['ice', 'ens3'],
      [null, 'lan4'],
    ]);
  });

  it('have unknown users where processes, or what they have open, are hidden', () => {
    clock('ptp0', 'igb');
    const calls = () => fakePtpCalls({});
    expect(read(calls, null)[0]?.users).to.equal(null);
    writeFileSync(join(directory('proc/80'), 'fd'), 'no directory, as for another user it is not readable');
    expect(read(calls, [{ pid: '80', name: 'chronyd' }])[0]?.users).to.equal(null);
    expect(read(calls, [])[0]?.users).to.deep.equal([]);
  });
});
