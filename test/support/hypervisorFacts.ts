import { known } from '../../src/facts/fact.js';
import type { Facts } from '../../src/facts/facts.js';
import type { HostFacts } from '../../src/facts/host.js';

/** The facts of a hypervisor whose domains, all of them shut off, were read without a problem. */
export function hypervisorFacts(
  domains: Readonly<Record<string, string>>,
  {
    host = null,
    collectedAt = '2026-06-15T12:00:00.000Z',
  }: { host?: HostFacts | null; collectedAt?: string } = {},
): Facts {
  const uri = 'qemu:///system';
  return {
    schemaVersion: '1.0',
    toolVersion: '0.1.0',
    collectedAt,
    hostname: 'compute7',
    sources: [{ kind: 'libvirt', location: uri, libvirtVersion: '9.0.0' }],
    host,
    hostNote: host ? 'this machine' : 'left out',
    domains: Object.entries(domains).map(([name, xml], index) => ({
      name,
      uuid: `00000000-0000-4000-8000-${String(index + 1).padStart(12, '0')}`,
      source: uri,
      state: known('shut off', uri),
      persistent: known(true, uri),
      managedSave: known(false, uri),
      definitions: { inactive: known({ xml, origin: 'dumpxml' as const }, uri) },
    })),
    problems: [],
    notes: [],
  };
}
