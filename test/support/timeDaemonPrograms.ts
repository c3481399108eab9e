import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './runTool.js';

/** Where scripts/requirements.mjs unpacks Debian's packages. */
const unpacked = join(projectRoot, '.cache', 'time-daemons');

/** Programs of packages that are unpacked and not installed, by their paths there. */
export const PROGRAMS = {
  ntpd: join(unpacked, 'usr/sbin/ntpd'),
  ntpq: join(unpacked, 'usr/bin/ntpq'),
  ptp4l: join(unpacked, 'usr/sbin/ptp4l'),
  phc2sys: join(unpacked, 'usr/sbin/phc2sys'),
  pmc: join(unpacked, 'usr/sbin/pmc'),
  timesyncd: join(unpacked, 'lib/systemd/systemd-timesyncd'),
};

/** ntpq is a Python program with a module and a library of its own. */
export const NTPQ_ENVIRONMENT = {
  PYTHONPATH: join(unpacked, 'usr/lib/python3/dist-packages'),
  // The directory below it is named after the architecture.
  LD_LIBRARY_PATH: ['x86_64-linux-gnu', 'aarch64-linux-gnu']
    .map((triplet) => join(unpacked, 'usr/lib', triplet, 'ntp'))
    .join(':'),
};

/** The first program that is not there, or null. */
export function missingProgram(...names: (keyof typeof PROGRAMS)[]): string | null {
  return names.find((name) => !existsSync(PROGRAMS[name])) ?? null;
}
