import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type Fact, known, unknown } from '../facts/fact.js';
import type { TimeZone } from '../facts/host.js';
import { isUtcZone } from '../facts/utcZones.js';

/**
 * Reads the zone that QEMU's `base=localtime` refers to. libvirt does not hand its own `TZ` down, so it is
 * always that of `/etc/localtime`.
 * @param root - the directory that stands for `/`
 * @see localtime(5), tzfile(5)
 */
export function readTimeZone(root: string): Fact<TimeZone> {
  const path = '/etc/localtime';
  try {
    const name = zoneName(join(root, path));
    return known({ name, isUtc: isUtcZone(name) }, path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // The C library takes a missing file for UTC.
    if (code === 'ENOENT') return known({ name: 'UTC', isUtc: true }, `${path} is absent`);
    return unknown(path, 'time-zone-unreadable', `${path} cannot be read (${code ?? String(error)})`);
  }
}

function zoneName(path: string): string {
  try {
    const name = /zoneinfo\/(?:posix\/|right\/)?(.+)$/.exec(readlinkSync(path))?.[1];
    if (name) return name;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error;
  }
  // A copy instead of a link: the last line of a TZif file is the POSIX rule for times to come.
  const file = readFileSync(path, 'latin1');
  // The C library takes what is no TZif file for UTC.
  return file.startsWith('TZif') ? (file.trimEnd().split('\n').at(-1) ?? '') : 'UTC';
}
