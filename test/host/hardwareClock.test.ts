import { existsSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import type { HardwareClock } from '../../src/facts/kernelClock.js';
import { type HardwareClockOptions, readHardwareClock } from '../../src/host/hardwareClock.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';

/** 14 July 2026, 12:00:00 UTC: summer in Berlin. */
const NOON = Date.UTC(2026, 6, 14, 12) / 1000;
const HOUR = 3600;
const BERLIN = 2 * HOUR;

describe("the machine's hardware clock", () => {
  let root: ScratchDirectory;

  beforeEach(() => {
    root = scratchDirectory('root');
    mkdirSync(join(root.path, 'sys/class'), { recursive: true });
  });
  afterEach(() => root.remove());

  function write(path: string, text: string): void {
    mkdirSync(dirname(join(root.path, path)), { recursive: true });
    writeFileSync(join(root.path, path), text);
  }
  function clock(name: string, epoch: number | string, hctosys = '0'): void {
    write(`sys/class/rtc/${name}/since_epoch`, `${epoch}\n`);
    write(`sys/class/rtc/${name}/name`, `rtc_cmos ${name}\n`);
    write(`sys/class/rtc/${name}/hctosys`, `${hctosys}\n`);
  }
  function zone(name: string): void {
    mkdirSync(join(root.path, 'etc'), { recursive: true });
    symlinkSync(`/usr/share/zoneinfo/${name}`, join(root.path, 'etc/localtime'));
  }
  const adjtime = (third: string) => write('etc/adjtime', `0.0 0 0.0\n0\n${third}`);
  async function read(options: HardwareClockOptions = { now: () => NOON }): Promise<HardwareClock> {
    const fact = await readHardwareClock(root.path, options);
    if (!fact.known) throw new Error(`${fact.cause}: ${fact.reason}`);
    if (!fact.value) throw new Error('none');
    return fact.value;
  }
  const offset = async () => (await read()).offsetSeconds;

  it('is null where the kernel has no class of them, or none in it', async () => {
    expect(await readHardwareClock(root.path)).to.deep.include({ known: true, value: null });
    mkdirSync(join(root.path, 'sys/class/rtc'));
    expect(await readHardwareClock(root.path)).to.deep.include({ known: true, value: null });
  });

  it('is read to half a second, since it shows whole ones', async () => {
    clock('rtc0', NOON);
    expect(await readHardwareClock(root.path, { now: () => NOON + 0.25 })).to.deep.equal({
      known: true,
      value: {
        device: '/dev/rtc0',
        name: 'rtc_cmos rtc0',
        offsetSeconds: 0.2495,
        errorBoundSeconds: 0.5005,
        keeps: 'utc',
        keepsDecidedBy: 'the default, since /etc/adjtime does not tell',
      },
      source: '/sys/class/rtc/rtc0/since_epoch',
    });
  });

  it('is ahead with a positive sign', async () => {
    clock('rtc0', NOON + 100);
    expect(await offset()).to.be.closeTo(100, 0.51);
    clock('rtc0', NOON - 100);
    expect(await offset()).to.be.closeTo(-100, 0.51);
    clock('rtc0', -1);
    expect(await offset()).to.be.closeTo(-NOON, 2);
  });

  it('widens its bound by how long the reading took', async () => {
    clock('rtc0', NOON);
    let time = NOON;
    const { offsetSeconds, errorBoundSeconds } = await read({ now: () => (time += 2) });
    expect(errorBoundSeconds).to.be.closeTo(1.5, 0.01);
    expect(offsetSeconds).to.be.closeTo(0.5 - 3, 0.01);
  });

  it('is the one that the kernel set the clock by, or the first', async () => {
    clock('rtc10', NOON);
    clock('rtc2', NOON);
    write('sys/class/rtc/rtc_bad/since_epoch', '1\n');
    expect((await read()).device).to.equal('/dev/rtc2');
    clock('rtc10', NOON, '1');
    expect((await read()).device).to.equal('/dev/rtc10');
  });

  describe('keeps', () => {
    for (const [third, at, zoneName, keeps, decidedBy, expected] of [
      ['UTC\n', NOON, 'Europe/Berlin', 'utc', '/etc/adjtime', 0],
      ['UTC', NOON + BERLIN, 'Europe/Berlin', 'utc', '/etc/adjtime', BERLIN],
      ['LOCAL\n', NOON + BERLIN, 'Europe/Berlin', 'local', '/etc/adjtime', 0],
      ['LOCAL\n', NOON + HOUR, 'Europe/Berlin', 'local', '/etc/adjtime', -HOUR],
      ['LOCAL\n', NOON, 'Etc/UTC', 'local', '/etc/adjtime', 0],
      ['LOCAL\n', NOON - 3.5 * HOUR + HOUR, 'America/St_Johns', 'local', '/etc/adjtime', 0],
      ['', NOON + BERLIN, 'Europe/Berlin', 'local', 'what fits', 0],
      ['', NOON + HOUR, 'Europe/Berlin', 'utc', 'the default', HOUR],
      ['', NOON + 90, 'Etc/UTC', 'utc', 'the default', 90],
      ['sideways\n', NOON, 'Europe/Berlin', 'utc', 'the default', 0],
    ] as const) {
      it(`${keeps} by ${decidedBy}, ${expected} s ahead, for '${third.trim()}' in ${zoneName} at ${at - NOON} s`, async () => {
        clock('rtc0', at);
        zone(zoneName);
        if (third) adjtime(third);
        const found = await read();
        expect(found.keeps).to.equal(keeps);
        expect(found.keepsDecidedBy).to.satisfy((it: string) => it.startsWith(decidedBy));
        expect(found.offsetSeconds).to.be.closeTo(expected, 0.51);
      });
    }

    it('local time that cannot be told where the zone has no name', async () => {
      clock('rtc0', NOON);
      adjtime('LOCAL\n');
      write('etc/localtime', 'TZif2\n\nCET-1CEST,M3.5.0,M10.5.0/3\n');
      const fact = await readHardwareClock(root.path, { now: () => NOON });
      expect(fact).to.deep.include({ known: false, cause: 'hardware-clock-zone' });
    });
  });

  for (const garbled of ['', '12:00:00', '1e9', '99999999999999', '1\n2', '\u001b[31m1']) {
    it(`is unknown when it reads ${JSON.stringify(garbled)}`, async () => {
      clock('rtc0', garbled);
      expect(await readHardwareClock(root.path)).to.deep.equal({
        known: false,
        cause: 'hardware-clock-garbled',
        reason: '/sys/class/rtc/rtc0/since_epoch holds no number of seconds',
        source: '/sys/class/rtc/rtc0/since_epoch',
      });
    });
  }

  it('is unknown without /sys, and where it has no time', async () => {
    const none = await readHardwareClock(join(root.path, 'nothing'));
    expect(none).to.deep.include({ known: false, cause: 'hardware-clock-unreadable' });
    mkdirSync(join(root.path, 'sys/class/rtc/rtc0'), { recursive: true });
    const empty = await readHardwareClock(root.path);
    expect(empty).to.deep.include({ known: false, cause: 'hardware-clock-unreadable' });
    if (!empty.known) expect(empty.reason).to.contain('since_epoch cannot be read (ENOENT)');
  });

  describe("at a second's edge", () => {
    /** Ticks as a device whose seconds begin so much later than the system's. */
    async function ticking<T>(lateSeconds: number, work: () => Promise<T>): Promise<T> {
      let running = true;
      const device = (async () => {
        while (running) {
          // In one go: the reader is not to find an empty file.
          write('next', `${Math.floor(Date.now() / 1000 - lateSeconds)}\n`);
          renameSync(join(root.path, 'next'), join(root.path, 'sys/class/rtc/rtc0/since_epoch'));
          await pause(1);
        }
      })();
      try {
        return await work();
      } finally {
        running = false;
        await device;
      }
    }

    it('is told to some milliseconds, without keeping anybody waiting', async () => {
      clock('rtc0', 0);
      let longest = 0;
      let last = performance.now();
      const timer = setInterval(() => {
        longest = Math.max(longest, performance.now() - last);
        last = performance.now();
      }, 1);
      const { offsetSeconds, errorBoundSeconds } = await ticking(0.3, () => read({ edge: true }));
      clearInterval(timer);
      expect(errorBoundSeconds).to.be.within(0.0005, 0.2);
      // The device of the test ticks by itself only when its turn comes.
      expect(offsetSeconds).to.be.closeTo(-0.3, errorBoundSeconds + 0.1);
      expect(longest).to.be.below(800);
    });

    it('is unknown where it stands still', async () => {
      clock('rtc0', NOON);
      const began = performance.now();
      const fact = await readHardwareClock(root.path, { edge: true });
      expect(fact).to.deep.include({ known: false, cause: 'hardware-clock-stopped' });
      expect(performance.now() - began).to.be.within(1000, 3000);
    });
  });

  it('is what this machine has', async () => {
    const fact = await readHardwareClock('/');
    if (!existsSync('/sys/class/rtc')) {
      expect(fact).to.deep.include({ known: true, value: null });
      return;
    }
    if (!fact.known || !fact.value) return;
    const { device, offsetSeconds, errorBoundSeconds } = fact.value;
    const path = device.replace('/dev/', '/sys/class/rtc/');
    const ahead = Number(readFileSync(`${path}/since_epoch`, 'latin1')) - Date.now() / 1000;
    if (fact.value.keeps === 'utc') expect(offsetSeconds).to.be.closeTo(ahead, errorBoundSeconds + 2);
  });
});
