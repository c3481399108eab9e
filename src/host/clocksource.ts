import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Fact, known, unknown } from '../facts/fact.js';
import type { Clocksource } from '../facts/host.js';

const DIRECTORY = 'sys/devices/system/clocksource/clocksource0';

/**
 * Reads the kernel's clocksource.
 * @param root - the directory that stands for `/`
 * @see Documentation/ABI/testing/sysfs-devices-clocksource in the kernel
 */
export function readClocksource(root: string): Fact<Clocksource> {
  const path = `/${DIRECTORY}/current_clocksource`;
  try {
    const read = (name: string) => readFileSync(join(root, DIRECTORY, name), 'utf8').trim();
    const current = read('current_clocksource');
    if (!/^[\w.-]+$/.test(current))
      return unknown(path, 'clocksource-garbled', `${path} names no clocksource`);
    return known({ current, available: read('available_clocksource').split(/\s+/) }, path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    return unknown(path, 'clocksource-unreadable', `${path} cannot be read (${code}); is /sys mounted?`);
  }
}
