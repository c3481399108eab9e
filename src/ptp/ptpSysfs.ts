import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';

const CLASS = 'sys/class/ptp';

/** The kernel gives names of this form only; a machine with hundreds of network functions has hundreds of clocks. */
const NAME = /^ptp\d{1,7}$/;

/**
 * The names of the PTP clocks, such as `ptp0`, by their numbers.
 * @param root - the directory that stands for `/`
 * @throws the file system's error when sysfs is not there; a kernel without PTP clocks is no error
 */
export function ptpNames(root: string): string[] {
  // A kernel without support for PTP clocks has no class of them, but every kernel has classes.
  if (!readdirSync(join(root, 'sys/class')).includes('ptp')) return [];
  const number = (name: string) => Number(name.slice(3));
  return readdirSync(join(root, CLASS))
    .filter((name) => NAME.test(name))
    .sort((one, other) => number(one) - number(other));
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

/**
 * The network interfaces of a clock: those of the same device, or those whose PHY it is.
 * @see Documentation/ABI/testing/sysfs-class-net in the kernel (device), sysfs-class-net-phydev (phydev)
 */
export function ptpInterfaces(root: string, name: string): string[] {
  for (const device of devices(root, name)) {
    try {
      const interfaces = readdirSync(join(device, 'net'));
      if (interfaces.length > 0) return interfaces.sort();
    } catch {
      // A PHY has no interfaces of its own.
    }
  }
  return interfacesOfPhy(root, name);
}

function devices(root: string, name: string): string[] {
  const device = join(root, CLASS, name, 'device');
  return [device, join(device, 'device')];
}

function interfacesOfPhy(root: string, name: string): string[] {
  const net = join(root, 'sys/class/net');
  try {
    const device = realpathSync(join(root, CLASS, name, 'device'));
    return readdirSync(net)
      .filter((interfaceName) => linksTo(join(net, interfaceName, 'phydev'), device))
      .sort();
  } catch {
    return [];
  }
}

function linksTo(link: string, target: string): boolean {
  try {
    return realpathSync(link) === target;
  } catch {
    return false;
  }
}
