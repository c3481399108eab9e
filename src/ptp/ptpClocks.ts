import { closeSync, constants, openSync } from 'node:fs';
import { join } from 'node:path';
import { type Fact, known, unknown } from '../facts/fact.js';
import type { PtpClock } from '../facts/ptpClock.js';
import type { TimeDaemonProcess } from '../host/timeDaemons.js';
import { SystemCallError, type SystemCalls, systemCalls } from '../kernel/systemCalls.js';
import { PTP_BYTES, PTP_CLOCK_GETCAPS, readCapabilities } from './ptpIoctl.js';
import { measurePtpOffset } from './ptpOffset.js';
import { ptpClockName, ptpDriver, ptpInterfaces, ptpNames, TooMany } from './ptpSysfs.js';
import { ptpUsers } from './ptpUsers.js';

const SOURCE = '/sys/class/ptp';

/** A clock answers within microseconds; some behind a slow bus take milliseconds, and there may be hundreds of them. */
const ENOUGH_MILLISECONDS = 50;

interface Asking {
  readonly root: string;
  readonly calls: () => Pick<SystemCalls, 'ioctl'>;
  /** In the calls alone: loading what makes them and reading sysfs take longer on a slow machine. */
  spentMilliseconds: number;
}

type Asked = Pick<PtpClock, 'capabilities' | 'offset' | 'offsetMissing'>;

/**
 * Reads every PTP hardware clock of this machine, without changing any.
 * @param root - the directory that stands for `/`
 * @param daemons - the time daemons' processes, which may have clocks open; null where processes are hidden
 * @param calls - the system calls, which are only bound where there is a clock
 */
export function readPtpClocks(
  root: string,
  daemons: readonly TimeDaemonProcess[] | null,
  calls: () => Pick<SystemCalls, 'ioctl'> = systemCalls,
): Fact<readonly PtpClock[]> {
  try {
    return known(clocksOf(root, daemons, calls), SOURCE);
  } catch (error) {
    if (error instanceof TooMany) {
      const reason = `${SOURCE} has ${error.message}, which no machine has, so none of them is believed`;
      return unknown(SOURCE, 'ptp-clocks-garbled', reason);
    }
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    return unknown(SOURCE, 'ptp-clocks-unreadable', `${SOURCE} cannot be read (${code}); is /sys mounted?`);
  }
}

function clocksOf(
  root: string,
  daemons: readonly TimeDaemonProcess[] | null,
  calls: () => Pick<SystemCalls, 'ioctl'>,
): PtpClock[] {
  const names = ptpNames(root);
  if (names.length === 0) return [];
  const users = ptpUsers(root, daemons);
  const interfacesOf = ptpInterfaces(root);
  const asking: Asking = { root, calls, spentMilliseconds: 0 };
  return names.map((name): PtpClock => {
    const device = `/dev/${name}`;
    return {
      device,
      clockName: ptpClockName(root, name),
      driver: ptpDriver(root, name),
      interfaces: interfacesOf(name),
      ...(asking.spentMilliseconds < ENOUGH_MILLISECONDS
        ? asked(device, asking)
        : notAsked('the clocks before it took too long')),
      users: users && (users.get(device) ?? []),
    };
  });
}

function notAsked(offsetMissing: string): Asked {
  return { capabilities: null, offset: null, offsetMissing };
}

function asked(device: string, asking: Asking): Asked {
  let descriptor: number;
  try {
    descriptor = openSync(join(asking.root, device), constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    return notAsked(code === 'ENOENT' ? `there is no ${device}` : `${device} may not be opened (${code})`);
  }
  try {
    const calls = asking.calls();
    const startedAt = performance.now();
    try {
      return askedThrough(descriptor, calls);
    } finally {
      asking.spentMilliseconds += performance.now() - startedAt;
    }
  } catch (error) {
    if (error instanceof SystemCallError) return notAsked(`${device} is no PTP clock (${error.code})`);
    return notAsked(`the C library could not be used (${(error as Error).message})`);
  } finally {
    closeSync(descriptor);
  }
}

function askedThrough(descriptor: number, calls: Pick<SystemCalls, 'ioctl'>): Asked {
  const caps = Buffer.alloc(PTP_BYTES.clockCaps);
  calls.ioctl(descriptor, PTP_CLOCK_GETCAPS, caps);
  const offset = measurePtpOffset(descriptor, calls);
  return {
    capabilities: readCapabilities(caps),
    ...(typeof offset === 'string'
      ? { offset: null, offsetMissing: offset }
      : { offset, offsetMissing: null }),
  };
}
