import { type DomainHandle, describeHandle, takeHandles } from './domainHandle.js';
import type { Handle, WaitingCall } from './library.js';
import { isNegative, isNull, Link } from './link.js';
import { hasBlockedCalls } from './pendingCalls.js';

/** `VIR_DOMAIN_MESSAGE_TAINTING` */
const MESSAGE_TAINTING = 1 << 1;

/** A read-only libvirt connection, with the calls that an audit makes. */
export class Connection extends Link {
  /**
   * Opens a connection.
   * @throws LibvirtError with the exact error, DeadlineExceeded, LibvirtMissing
   */
  static async open(uri: string, deadlineSeconds: number): Promise<Connection> {
    return new Connection(await Link.openParts(uri, deadlineSeconds, 'virConnectOpenReadOnly'));
  }

  /** Opens one more to the same daemon; null when that does not work, for whatever reason. */
  async another(): Promise<Connection | null> {
    const parts = await this.anotherOne();
    return parts && new Connection(parts);
  }

  /**
   * libvirt's version on the other side, as `9.0.0`.
   * @throws LibvirtError, DeadlineExceeded
   */
  libvirtVersion(): Promise<string> {
    return this.#version('virConnectGetLibVersion');
  }

  /**
   * The hypervisor's version, which is QEMU's, as `7.2.22`. A daemon that has not looked at QEMU yet starts every
   * QEMU binary it has to find out, for seconds: only to be asked where something depends on it.
   * @throws LibvirtError, DeadlineExceeded
   */
  hypervisorVersion(): Promise<string> {
    return this.#version('virConnectGetVersion');
  }

  /**
   * The capabilities of the host as XML. Costs as much as {@link hypervisorVersion}.
   * @see {@link https://libvirt.org/formatcaps.html}
   * @throws LibvirtError, DeadlineExceeded
   */
  capabilities(): Promise<string> {
    return this.alone('virConnectGetCapabilities', [this.handle], isNull);
  }

  /**
   * Lists the domains that `flags` select; 0 for all.
   * @see `virConnectListAllDomainsFlags`
   * @throws LibvirtError, DeadlineExceeded
   */
  async list(flags: number): Promise<DomainHandle[]> {
    const out = Buffer.alloc(8);
    const count = await this.alone<number>('virConnectListAllDomains', [this.handle, out, flags], isNegative);
    return takeHandles(this.library, out.readBigUInt64LE(), count);
  }

  /** @throws LibvirtError with code 42 when there is no such domain, DeadlineExceeded */
  async lookup(nameOrUuid: string): Promise<DomainHandle> {
    const byUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(nameOrUuid);
    const name = byUuid ? 'virDomainLookupByUUIDString' : 'virDomainLookupByName';
    return describeHandle(this.library, await this.alone<Handle>(name, [this.handle, nameOrUuid], isNull));
  }

  /**
   * The number of `virDomainState`.
   * @throws LibvirtError, DeadlineExceeded
   */
  async state(domain: DomainHandle): Promise<number> {
    const [state, reason] = [Buffer.alloc(4), Buffer.alloc(4)];
    await this.alone('virDomainGetState', [domain.handle, state, reason, 0], isNegative);
    return state.readInt32LE();
  }

  /**
   * A domain's XML, or null when libvirt refused; {@link insist} then tells why.
   * @throws DeadlineExceeded
   */
  xml(domain: DomainHandle, flags: number): Promise<string | null> {
    return this.ask('virDomainGetXMLDesc', [domain.handle, flags]);
  }

  /**
   * The XML inside a domain's managed save image, without passwords; null when libvirt refused.
   * @throws DeadlineExceeded, LibvirtTooOld
   */
  savedXml(domain: DomainHandle): Promise<string | null> {
    return this.ask('virDomainManagedSaveGetXMLDesc', [domain.handle, 0]);
  }

  /**
   * What taints a running domain, in libvirt's words; null when libvirt refused.
   * @throws DeadlineExceeded, LibvirtTooOld
   */
  async taints(domain: DomainHandle): Promise<readonly string[] | null> {
    const out = Buffer.alloc(8);
    const count = await this.ask<number>('virDomainGetMessages', [domain.handle, out, MESSAGE_TAINTING]);
    return isNegative(count) ? null : this.library.takeStrings(out.readBigUInt64LE(), count);
  }

  /** Releases listed domains, unless a blocked call may still be using one: the process ends soon then. */
  release(domains: readonly DomainHandle[]): void {
    if (hasBlockedCalls()) return;
    for (const { handle } of domains) this.library.freeDomain(handle);
  }

  async #version(name: WaitingCall): Promise<string> {
    const out = Buffer.alloc(8);
    await this.alone(name, [this.handle, out], isNegative);
    return versionText(Number(out.readBigUInt64LE()));
  }
}

/** libvirt counts a version as major * 1,000,000 + minor * 1,000 + release. */
function versionText(version: number): string {
  return `${Math.floor(version / 1_000_000)}.${Math.floor(version / 1000) % 1000}.${version % 1000}`;
}
