import { Connection } from './connection.js';
import { type DomainHandle, describeHandle } from './domainHandle.js';
import type { Handle } from './library.js';
import { isNegative, isNull, Link } from './link.js';

/** `VIR_DOMAIN_XML_SECURE`, `VIR_DOMAIN_XML_INACTIVE` and `VIR_DOMAIN_DEFINE_VALIDATE` of libvirt-domain.h */
const XML_SECURE = 1 << 0;
const XML_INACTIVE = 1 << 1;
const DEFINE_VALIDATE = 1 << 0;

/**
 * A connection that may change persistent definitions, and nothing else: the only place in this program that writes to
 * libvirt.
 */
export class DefiningConnection extends Connection {
  /**
   * Opens a connection with the right to write.
   * @throws LibvirtError with the exact error, DeadlineExceeded, LibvirtMissing
   */
  static override async open(uri: string, deadlineSeconds: number): Promise<DefiningConnection> {
    return new DefiningConnection(await Link.openParts(uri, deadlineSeconds, 'virConnectOpen'));
  }

  /**
   * Whether there is a definition that outlives what runs. Of a domain without one, libvirt gives what runs as that of
   * the next start.
   * @throws LibvirtError, DeadlineExceeded
   */
  async isPersistent(domain: DomainHandle): Promise<boolean> {
    return (await this.alone<number>('virDomainIsPersistent', [domain.handle], isNegative)) === 1;
  }

  /**
   * Whether a managed save image would bring back the definition of when it was saved.
   * @throws LibvirtError, DeadlineExceeded
   */
  async hasManagedSave(domain: DomainHandle): Promise<boolean> {
    return (await this.alone<number>('virDomainHasManagedSaveImage', [domain.handle, 0], isNegative)) === 1;
  }

  /**
   * The definition that the next start will use, without passwords: what a read-only audit saw of it.
   * @throws LibvirtError, DeadlineExceeded
   */
  inactiveXml(domain: DomainHandle): Promise<string> {
    return this.alone('virDomainGetXMLDesc', [domain.handle, XML_INACTIVE], isNull);
  }

  /**
   * The same with the passwords of VNC and SPICE, which a definition that is put back must have or lose.
   * @throws LibvirtError, DeadlineExceeded
   */
  secureXml(domain: DomainHandle): Promise<string> {
    return this.alone('virDomainGetXMLDesc', [domain.handle, XML_INACTIVE | XML_SECURE], isNull);
  }

  /**
   * Replaces the persistent definition of the domain with that UUID and name; what runs is not touched. libvirt checks the
   * XML against its schema first, writes a new file and renames it into place: the old one is there until the new one is.
   * @throws LibvirtError, DeadlineExceeded: then it may or may not have been replaced
   */
  async define(xml: string): Promise<DomainHandle> {
    const args = [this.handle, xml, DEFINE_VALIDATE];
    return describeHandle(this.library, await this.alone<Handle>('virDomainDefineXMLFlags', args, isNull));
  }
}
