import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './runTool.js';

/** Where scripts/requirements.mjs unpacks Debian's packages. */
const unpacked = join(projectRoot, '.cache', 'unpacked');

/** Programs of packages that are unpacked and not installed, by their paths there. */
export const PROGRAMS = {
  ntpd: join(unpacked, 'usr/sbin/ntpd'),
  ntpq: join(unpacked, 'usr/bin/ntpq'),
  ptp4l: join(unpacked, 'usr/sbin/ptp4l'),
  phc2sys: join(unpacked, 'usr/sbin/phc2sys'),
  pmc: join(unpacked, 'usr/sbin/pmc'),
  timesyncd: join(unpacked, 'lib/systemd/systemd-timesyncd'),
  sshd: join(unpacked, 'usr/sbin/sshd'),
  sftpServer: join(unpacked, 'usr/lib/openssh/sftp-server'),
  promtool: join(unpacked, 'usr/bin/promtool'),
  sos: join(unpacked, 'usr/bin/sos'),
};

/** sos is a Python program with modules of its own, and the file of its settings. */
export const SOS_ENVIRONMENT = { PYTHONPATH: join(unpacked, 'usr/lib/python3/dist-packages') };
export const SOS_CONFIGURATION = join(unpacked, 'etc/sos/sos.conf');

/** ntpq is a Python program with a module and a library of its own. */
export const NTPQ_ENVIRONMENT = {
  PYTHONPATH: join(unpacked, 'usr/lib/python3/dist-packages'),
  // The directory below it is named after the architecture.
  LD_LIBRARY_PATH: ['x86_64-linux-gnu', 'aarch64-linux-gnu']
    .map((triplet) => join(unpacked, 'usr/lib', triplet, 'ntp'))
    .join(':'),
};

/** What sshd links to, which a machine without sshd may lack. */
export const SSHD_ENVIRONMENT = {
  LD_LIBRARY_PATH: ['x86_64-linux-gnu', 'aarch64-linux-gnu']
    .map((triplet) => join(unpacked, 'usr/lib', triplet))
    .join(':'),
};

/** The published JSON Schemas. */
export const SCHEMAS = join(projectRoot, '.cache/schemas/package/schemas/json');

/** The first program that is not there, or null. */
export function missingProgram(...names: (keyof typeof PROGRAMS)[]): string | null {
  return names.find((name) => !existsSync(PROGRAMS[name])) ?? null;
}
