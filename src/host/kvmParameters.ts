import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Fact, known, type Unknown, unknown } from '../facts/fact.js';
import type { KvmParameters } from '../facts/host.js';

const DIRECTORY = '/sys/module/kvm/parameters';

/**
 * Reads the kvm module's parameters about clocks.
 * @param root - the directory that stands for `/`
 * @returns null for a parameter that this kernel does not have, and for both where kvm is not loaded
 * @see `kvmclock_periodic_sync` and `tsc_tolerance_ppm` in the kernel's arch/x86/kvm/x86.c
 */
export function readKvmParameters(root: string): Fact<KvmParameters> {
  const periodic = parameter(root, 'kvmclock_periodic_sync', /^[YN]$/);
  const tolerance = parameter(root, 'tsc_tolerance_ppm', /^\d{1,10}$/);
  if (isUnknown(periodic)) return periodic;
  if (isUnknown(tolerance)) return tolerance;
  const value = {
    kvmclockPeriodicSync: periodic === null ? null : periodic === 'Y',
    tscTolerancePpm: tolerance === null ? null : Number(tolerance),
  };
  return known(value, DIRECTORY);
}

function isUnknown(read: string | null | Unknown): read is Unknown {
  return typeof read === 'object' && read !== null;
}

function parameter(root: string, name: string, form: RegExp): string | null | Unknown {
  const path = `${DIRECTORY}/${name}`;
  try {
    const text = readFileSync(join(root, path), 'latin1').trim();
    return form.test(text)
      ? text
      : unknown(
          path,
          'kvm-parameter-garbled',
          `${path} holds none of the values that the kernel writes there`,
        );
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    return unknown(path, 'kvm-parameter-unreadable', `${path} cannot be read (${code ?? String(error)})`);
  }
}
