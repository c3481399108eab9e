import { type Fact, known } from '../facts/fact.js';
import { DefiningConnection } from './definingConnection.js';
import type { DomainHandle } from './domainHandle.js';
import { unknownBecause } from './failures.js';

const CALL = 'virDomainGetXMLDesc';

/**
 * Reads the definitions that the next start will use with the passwords of VNC and SPICE, which libvirt only gives to
 * a connection that may write. Nothing is written.
 * @param uuids - of the domains
 * @returns by UUID; unknown for one that libvirt does not give
 * @throws LibvirtError, DeadlineExceeded and LibvirtMissing when there is no connection to be had
 */
export async function readSecureDefinitions(
  uri: string,
  deadlineSeconds: number,
  uuids: readonly string[],
): Promise<ReadonlyMap<string, Fact<string>>> {
  const connection = await DefiningConnection.open(uri, deadlineSeconds);
  const texts = new Map<string, Fact<string>>();
  const handles: DomainHandle[] = [];
  for (const uuid of uuids) {
    try {
      const domain = await connection.lookup(uuid);
      handles.push(domain);
      texts.set(uuid, known(await connection.secureXml(domain), CALL));
    } catch (error) {
      texts.set(uuid, unknownBecause(CALL, error));
    }
  }
  connection.release(handles);
  await connection.close();
  return texts;
}
