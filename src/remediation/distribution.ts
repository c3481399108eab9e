import type { HostFacts } from '../facts/host.js';

/** A family of distributions, by where it keeps configuration; null where nothing tells. */
export type Distribution = 'debian' | 'red-hat' | null;

/**
 * Tells the distribution by what its packages left in the facts: the paths of libvirt-guests, or the name of its
 * kernel (`6.1.0-18-amd64`, `6.8.0-45-generic`, `5.14.0-503.el9.x86_64`, `6.11.4-301.fc41.x86_64`).
 */
export function distributionOf({ kernelRelease, libvirtGuests }: HostFacts): Distribution {
  const paths = libvirtGuests.known ? libvirtGuests.source : '';
  if (paths.includes('/etc/default/')) return 'debian';
  if (paths.includes('/etc/sysconfig/')) return 'red-hat';
  const release = kernelRelease.known ? kernelRelease.value : '';
  if (/\.(el\d+|fc\d+|amzn\d+)([._]|$)/.test(release)) return 'red-hat';
  return /-(amd64|arm64|686|generic|lowlatency|pve)$/.test(release) ? 'debian' : null;
}
