import type { DefiningConnection } from '../libvirt/definingConnection.js';
import type { DomainHandle } from '../libvirt/domainHandle.js';
import { LibvirtError, NO_DOMAIN } from '../libvirt/libvirtError.js';
import { explainFailure } from './failure.js';

/** The persistent definition of a domain with its passwords, or why it has none. */
export type CurrentDefinition = { readonly xml: string } | { readonly gone: string };

const TRANSIENT =
  'it has no persistent definition any more, and defining one would bring it back: nothing was done';

/**
 * Reads the persistent definition of a domain. Of a transient one libvirt gives what runs instead, so whether it is one
 * is asked afterwards.
 * @throws LibvirtError, DeadlineExceeded
 */
export async function currentDefinition(
  connection: DefiningConnection,
  domain: DomainHandle,
): Promise<CurrentDefinition> {
  try {
    const xml = await connection.secureXml(domain);
    return (await connection.isPersistent(domain)) ? { xml } : { gone: TRANSIENT };
  } catch (error) {
    if (error instanceof LibvirtError && error.record.code === NO_DOMAIN)
      return { gone: explainFailure(error) };
    throw error;
  }
}
