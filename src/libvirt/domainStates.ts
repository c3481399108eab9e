import { DOMAIN_STATES, type DomainState } from '../facts/domain.js';
import { type Fact, known } from '../facts/fact.js';
import type { Connection } from './connection.js';
import type { DomainHandle } from './domainHandle.js';

/** What a domain is doing, and whether it will be there afterwards. */
export interface DomainStatus {
  readonly state: DomainState;
  readonly persistent: boolean;
  readonly managedSave: boolean;
}

/** `virConnectListAllDomainsFlags` */
const TRANSIENT = 1 << 3;
const PAUSED = 1 << 5;
const OTHER = 1 << 7;
const MANAGED_SAVE = 1 << 8;

/**
 * Learns the status of all domains in a handful of calls, where asking each domain would take three. Only
 * the domains in a rare state are asked one by one.
 * @returns a function that gives the status of a listed domain
 * @throws LibvirtError, DeadlineExceeded
 */
export async function readStatuses(
  connection: Connection,
): Promise<(domain: DomainHandle) => Fact<DomainStatus>> {
  const uuids = async (flag: number) => {
    const domains = await connection.list(flag);
    connection.release(domains);
    return new Set(domains.map(({ uuid }) => uuid));
  };
  const transient = await uuids(TRANSIENT);
  const paused = await uuids(PAUSED);
  const saved = await uuids(MANAGED_SAVE);
  const rare = new Map<string, DomainState>();
  const others = await connection.list(OTHER);
  for (const domain of others)
    rare.set(domain.uuid, DOMAIN_STATES[await connection.state(domain)] ?? 'no state');
  connection.release(others);
  return ({ uuid, active }) => {
    const state = rare.get(uuid) ?? (paused.has(uuid) ? 'paused' : active ? 'running' : 'shut off');
    return known(
      { state, persistent: !transient.has(uuid), managedSave: saved.has(uuid) },
      'virConnectListAllDomains',
    );
  };
}
