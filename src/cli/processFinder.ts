import { type Fact, leftOut } from '../facts/fact.js';
import type { QemuProcess } from '../facts/process.js';
import { readQemuProcess } from '../qemu/process.js';
import { stateDirectories } from '../qemu/stateDirectories.js';
import { isLocal } from './hostWanted.js';

/**
 * Returns what finds the QEMU processes of a hypervisor's domains.
 * @returns undefined where no QEMU runs, as with libvirt's test driver
 */
export function processFinder(
  uri: string,
): ((domain: { name: string; uuid: string }) => Fact<QemuProcess>) | undefined {
  if (!isLocal(uri)) {
    const elsewhere = leftOut(
      '/proc',
      'the hypervisor may be another machine, so the definition tells what runs',
    );
    return () => elsewhere;
  }
  const directories = stateDirectories(uri, process.env);
  if (directories.length === 0) return undefined;
  return (domain) => readQemuProcess(domain, directories, '/');
}
