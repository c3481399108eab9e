import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Fact, known, unknown } from '../facts/fact.js';
import type { HardwareClock } from '../facts/kernelClock.js';
import { errorCode } from './boundedFile.js';
import { hardwareClockScale } from './hardwareClockScale.js';

const CLASS = '/sys/class/rtc';

/** How to read it. */
export interface HardwareClockOptions {
  /** Waits up to a second for the clock to tick over, which tells its offset to some milliseconds. */
  readonly edge?: boolean;
  /** The system clock, in seconds since 1970 to a millisecond. */
  readonly now?: () => number;
}

/** A device that ticks, however slowly it is read, has ticked by then. */
const EDGE_DEADLINE_SECONDS = 1.25;
const POLL_MILLISECONDS = 2;
/** What `Date.now` does not tell. */
const RESOLUTION_SECONDS = 0.001;

/** When the hardware clock showed a time: the system clock before and after. */
interface Reading {
  readonly epochSeconds: number;
  readonly before: number;
  readonly after: number;
}

/**
 * Reads the machine's battery-backed clock: the one that the kernel set the system clock by, or the first. sysfs is read
 * and not the device, which only one process can open, and only root. A clock on a slow bus keeps nobody waiting.
 * @param root - the directory that stands for `/`
 * @returns null where the machine has none
 * @see Documentation/ABI/testing/sysfs-class-rtc in the kernel, since_epoch and hctosys; rtc(4)
 */
export async function readHardwareClock(
  root: string,
  options: HardwareClockOptions = {},
): Promise<Fact<HardwareClock | null>> {
  const { edge = false, now = () => Date.now() / 1000 } = options;
  let path = CLASS;
  try {
    const name = await chosenClock(root);
    if (name === null) return known(null, CLASS);
    path = `${CLASS}/${name}/since_epoch`;
    const file = join(root, path);
    const first = await reading(now, () => readFile(file, 'latin1'));
    const ticked = edge ? await nextTick(first, now, () => readFileSync(file, 'latin1')) : null;
    if (edge && !ticked) {
      const reason = `${path} showed the same second for ${EDGE_DEADLINE_SECONDS} s: the hardware clock stands still`;
      return unknown(path, 'hardware-clock-stopped', reason);
    }
    const { offsetSeconds, errorBoundSeconds } = ticked ?? withinSecond(first);
    const scale = hardwareClockScale(root, offsetSeconds, now());
    if (scale === null) {
      const reason =
        '/etc/adjtime says that the hardware clock keeps local time, and /etc/localtime is a copy that names no zone; make it a link';
      return unknown(path, 'hardware-clock-zone', reason);
    }
    const driver = await readFile(join(root, CLASS, name, 'name'), 'latin1').catch(() => '');
    const value: HardwareClock = {
      device: `/dev/${name}`,
      name: driver.trim().slice(0, 64),
      offsetSeconds: microseconds(offsetSeconds - scale.aheadOfUtcSeconds),
      errorBoundSeconds: microseconds(errorBoundSeconds),
      keeps: scale.keeps,
      keepsDecidedBy: scale.decidedBy,
    };
    return known(value, path);
  } catch (error) {
    if (error instanceof Garbled) {
      return unknown(path, 'hardware-clock-garbled', `${path} holds no number of seconds`);
    }
    const code = errorCode(error);
    if (code === 'EINVAL') {
      const reason = `${path} cannot be read (EINVAL): the hardware clock holds no valid time, as after its battery ran out; set it with 'hwclock --systohc'`;
      return unknown(path, 'hardware-clock-invalid', reason);
    }
    return unknown(path, 'hardware-clock-unreadable', `${path} cannot be read (${code}); is /sys mounted?`);
  }
}

class Garbled extends Error {}

/** A difference of times that count from 1970 has no more digits than these. */
function microseconds(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}

/** The one with hctosys, or the one with the lowest number. */
async function chosenClock(root: string): Promise<string | null> {
  // A kernel without hardware clocks has no class of them, but every kernel has classes.
  if (!(await readdir(join(root, 'sys/class'))).includes('rtc')) return null;
  const names = (await readdir(join(root, CLASS)))
    .filter((name) => /^rtc\d{1,3}$/.test(name))
    .sort((one, other) => Number(one.slice(3)) - Number(other.slice(3)));
  for (const name of names) {
    const set = await readFile(join(root, CLASS, name, 'hctosys'), 'latin1').catch(() => '');
    if (set.trim() === '1') return name;
  }
  return names[0] ?? null;
}

async function reading(now: () => number, read: () => Promise<string> | string): Promise<Reading> {
  const before = now();
  const text = (await read()).trim();
  const after = now() + RESOLUTION_SECONDS;
  if (!/^-?\d{1,12}$/.test(text)) throw new Garbled();
  return { epochSeconds: Number(text), before, after };
}

/** It shows whole seconds, so that it is up to one ahead of what it shows. */
function withinSecond({ epochSeconds, before, after }: Reading) {
  return {
    offsetSeconds: epochSeconds + 0.5 - (before + after) / 2,
    errorBoundSeconds: 0.5 + (after - before) / 2,
  };
}

/** Looks every few milliseconds, so that the rest of the audit goes on; null when the clock stands still. */
async function nextTick(first: Reading, now: () => number, read: () => string) {
  const deadline = performance.now() + EDGE_DEADLINE_SECONDS * 1000;
  let last = first;
  while (performance.now() < deadline) {
    await pause(POLL_MILLISECONDS);
    const next = await reading(now, read);
    if (next.epochSeconds !== first.epochSeconds) {
      // It ticked over between the beginning of the last reading and the end of this one.
      const { epochSeconds } = next;
      return {
        offsetSeconds: epochSeconds - (last.before + next.after) / 2,
        errorBoundSeconds: (next.after - last.before) / 2,
      };
    }
    last = next;
  }
  return null;
}
