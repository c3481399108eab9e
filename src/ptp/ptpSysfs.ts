import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';

const CLASS = 'sys/class/ptp';

/** The kernel gives names of this form only; a machine with hundreds of network functions has hundreds of clocks. */
const NAME = /^ptp\d{1,7}$/;
const MOST_CLOCKS = 2048;
/** Of all clocks together: a card that has one has each of its virtual functions' interfaces as well. */
const MOST_INTERFACES = 65_536;

/** Thrown for more than any machine has, as in a recording that somebody made up. */
export class TooMany extends Error {
  override readonly name = 'TooMany';
}

/**
 * The names of the PTP clocks, such as `ptp0`, by their numbers.
 * @param root - the directory that stands for `/`
 * @throws TooMany; the file system's error when sysfs is not there; a kernel without PTP clocks is no error
 */
export function ptpNames(root: string): string[] {
  // A kernel without support for PTP clocks has no class of them, but every kernel has classes.
  if (!readdirSync(join(root, 'sys/class')).includes('ptp')) return [];
  const number = (name: string) => Number(name.slice(3));
  const names = readdirSync(join(root, CLASS)).filter((name) => NAME.test(name));
  if (names.length > MOST_CLOCKS) throw new TooMany(`more than ${MOST_CLOCKS} clocks`);
  return names.sort((one, other) => number(one) - number(other));
}

/** `clock_name` of a clock; empty where it cannot be read. */
export function ptpClockName(root: string, name: string): string {
  try {
    return readFileSync(join(root, CLASS, name, 'clock_name'), 'utf8')
      .slice(0, 256)
      .trim();
  } catch {
    return '';
  }
}

/** The driver of the device that a clock is on; null where it is on none. */
export function ptpDriver(root: string, name: string): string | null {
  for (const device of devices(root, name)) {
    try {
      return basename(readlinkSync(join(device, 'driver')));
    } catch {
      // The device of a virtual clock is another clock, which has a device in turn.
    }
  }
  return null;
}

/** Finds the network interfaces of a clock by its name. */
export type PtpInterfaces = (name: string) => string[];

/**
 * The network interfaces of clocks: those of the same device, or those whose PHY it is.
 * @returns what throws TooMany when all clocks together have more than any machine's
 * @see Documentation/ABI/testing/sysfs-class-net in the kernel (device), sysfs-class-net-phydev (phydev)
 */
export function ptpInterfaces(root: string): PtpInterfaces {
  let byPhy: ReadonlyMap<string, readonly string[]> | null = null;
  let count = 0;
  return (name) => {
    const ofPhy = () => {
      const device = realPath(join(root, CLASS, name, 'device'));
      // A clock without a device, as a hypervisor's, is on no PHY.
      if (device === null) return [];
      byPhy ??= interfacesByPhy(root);
      return byPhy.get(device) ?? [];
    };
    const found = interfacesOfDevice(root, name) ?? ofPhy();
    count += found.length;
    if (count > MOST_INTERFACES) throw new TooMany(`more than ${MOST_INTERFACES} network interfaces`);
    return [...found].sort();
  };
}

/** null where its device has none of its own, as a PHY. */
function interfacesOfDevice(root: string, name: string): string[] | null {
  for (const device of devices(root, name)) {
    try {
      const interfaces = readdirSync(join(device, 'net'));
      if (interfaces.length > 0) return interfaces;
    } catch {
      // The next one may have some.
    }
  }
  return null;
}

function devices(root: string, name: string): string[] {
  const device = join(root, CLASS, name, 'device');
  return [device, join(device, 'device')];
}

/** By the device that is the PHY, all at once: a machine has thousands of interfaces, and may have hundreds of clocks. */
function interfacesByPhy(root: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  const net = join(root, 'sys/class/net');
  for (const name of entries(net)) {
    const phy = realPath(join(net, name, 'phydev'));
    if (phy === null) continue;
    const others = found.get(phy);
    if (others) others.push(name);
    else found.set(phy, [name]);
  }
  return found;
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function realPath(path: string): string | null {
  try {
    return realpathSync.native(path);
  } catch {
    return null;
  }
}
