import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Fact, known, type Unknown, unknown } from '../facts/fact.js';
import type { LibvirtGuests } from '../facts/host.js';
import { shellAssignments } from './shellAssignments.js';

const SERVICE = 'libvirt-guests.service';
/** Where distributions put the script behind the service. */
const SCRIPTS = ['/usr/libexec/libvirt-guests.sh', '/usr/lib/libvirt/libvirt-guests.sh'];
/** Where they let an administrator set its variables: Debian, Red Hat and SUSE, Arch. */
const SETTINGS = ['/etc/default', '/etc/sysconfig', '/etc/conf.d'].map((it) => `${it}/libvirt-guests`);
const INIT_SCRIPT = '/etc/init.d/libvirt-guests';
const UNITS = ['etc/systemd/system', 'run/systemd/system', 'usr/lib/systemd/system', 'lib/systemd/system'];
const WANTED = ['ON_BOOT', 'ON_SHUTDOWN', 'SYNC_TIME'] as const;
const LARGEST_BYTES = 64 * 1024;

/**
 * Reads what the service libvirt-guests does with guests when the host goes down and comes up. Distributions change
 * the defaults, so they are taken from the script that is installed, and the administrator's file is laid over them.
 * @param root - the directory that stands for `/`
 * @returns null where the service is not installed
 * @see libvirt-guests(8); tools/libvirt-guests.sh.in in libvirt; systemd.unit(5) on `.wants`
 */
export function readLibvirtGuests(root: string): Fact<LibvirtGuests | null> {
  let reading: string = SERVICE;
  try {
    const there = (path: string) => existsSync(join(root, path));
    const text = (path: string) => {
      reading = path;
      return readText(root, path);
    };
    const script = SCRIPTS.find(there);
    if (isMasked(root) || !isWanted(root)) {
      const unit = UNITS.map((directory) => `/${directory}/${SERVICE}`).find(there);
      return notStarted(unit ?? script, unit === undefined && there(INIT_SCRIPT));
    }
    const defaults = script === undefined ? '' : text(script);
    const file = settingsFile(defaults) ?? SETTINGS.find(there);
    const settings = file !== undefined && there(file) ? text(file) : '';
    const merged = merge(defaults, settings, file ?? SETTINGS.join(' or '));
    if ('known' in merged) return merged;
    const { ON_BOOT: onBoot, ON_SHUTDOWN: onShutdown, SYNC_TIME: syncTime } = merged;
    // The script takes everything but a plain 0 for yes.
    const value = { enabled: true, onBoot, onShutdown, syncTime: syncTime !== '0' } as const;
    return known(value, [script, settings && file].filter(Boolean).join(', '));
  } catch (error) {
    const cause = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
    return unknown(reading, 'libvirt-guests-unreadable', `${reading} cannot be read (${cause})`);
  }
}

/** systemd does not start it: it is not there, not enabled, or another init system does. */
function notStarted(installed: string | undefined, hasInitScript: boolean): Fact<LibvirtGuests | null> {
  if (hasInitScript) {
    const reason = `libvirt-guests is started by ${INIT_SCRIPT} instead of systemd; see there what it does with guests`;
    return unknown(INIT_SCRIPT, 'libvirt-guests-not-systemd', reason);
  }
  return installed === undefined
    ? known(null, SCRIPTS.join(', '))
    : known({ enabled: false }, `${installed}, and no link to ${SERVICE} in any .wants`);
}

type Settings = Record<(typeof WANTED)[number], string>;

function merge(script: string, settings: string, file: string): Settings | Unknown {
  const { values, otherLine } = shellAssignments(settings);
  if (otherLine !== null) {
    const reason = `${file}:${otherLine} is no plain assignment; what libvirt-guests makes of it takes a shell to tell`;
    return unknown(file, 'libvirt-guests-garbled', reason);
  }
  const merged: Partial<Settings> = {};
  for (const name of WANTED) {
    const value = values.has(name) ? values.get(name) : defaultIn(script, name);
    if (value === undefined) {
      const reason = `the script of libvirt-guests is not at ${SCRIPTS.join(' or ')}, so its default for ${name} is not known; set ${name} in ${file}`;
      return unknown(SCRIPTS.join(', '), 'libvirt-guests-script-missing', reason);
    }
    if (value === null) {
      const reason = `${file} sets ${name} to something that takes a shell to work out; write the value itself`;
      return unknown(file, 'libvirt-guests-garbled', reason);
    }
    merged[name] = value;
  }
  return merged as Settings;
}

/** The script sets its defaults in the first column before it sources the administrator's file. */
function defaultIn(script: string, name: string): string | undefined {
  return new RegExp(`^${name}=(["']?)(\\w*)\\1$`, 'm').exec(script)?.[2];
}

/** The file that the script sources, whose directory it may have quoted or put into a variable. */
function settingsFile(script: string): string | undefined {
  const unquoted = script.replaceAll('"', '');
  return SETTINGS.find((path) => unquoted.includes(path.slice('/etc'.length)));
}

/** A masked unit is a link to /dev/null, and never started. */
function isMasked(root: string): boolean {
  try {
    return readlinkSync(join(root, 'etc/systemd/system', SERVICE)) === '/dev/null';
  } catch {
    return false;
  }
}

/** An enabled unit has a link in the directory of what starts it. */
function isWanted(root: string): boolean {
  return UNITS.some((directory) =>
    entries(join(root, directory))
      .filter((name) => /\.(wants|requires)$/.test(name))
      .some((name) => isThere(join(root, directory, name, SERVICE))),
  );
}

/** @throws what keeps a directory that is there from being read */
function entries(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

/**
 * Whether there is something, if only a link to nowhere.
 * @throws what keeps it from being seen
 */
function isThere(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw error;
  }
}

function readText(root: string, path: string): string {
  const whole = join(root, path);
  const file = statSync(whole);
  // A pipe would be waited for.
  if (!file.isFile()) throw new Error('it is no ordinary file');
  if (file.size > LARGEST_BYTES) throw new Error(`${file.size} bytes are more than any such file has`);
  return readFileSync(whole, 'utf8');
}
