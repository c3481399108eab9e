import type { LibvirtErrorRecord } from '../facts/fact.js';
import { trackCall } from './blockedCalls.js';
import { DeadlineExceeded, withDeadline } from './deadline.js';
import { ErrorCapture } from './errorCapture.js';
import { type Handle, type Library, loadLibrary } from './library.js';

/** A libvirt call that failed, with libvirt's own error. */
export class LibvirtError extends Error {
  override readonly name = 'LibvirtError';
  constructor(readonly record: LibvirtErrorRecord) {
    super(record.message);
  }
}

/** `VIR_ERR_NO_DOMAIN`. */
export const NO_DOMAIN = 42;

/** A domain that a connection listed. Release it with {@link Connection.release}. */
export interface DomainHandle {
  readonly handle: Handle;
  readonly name: string;
  readonly uuid: string;
  readonly active: boolean;
}

let capture: ErrorCapture | null = null;

/**
 * A read-only libvirt connection. Every wait has a deadline; after the first that passes, the connection is
 * given up, and each further call fails at once.
 */
export class Connection {
  readonly #library: Library;
  readonly #handle: Handle;
  readonly #deadlineSeconds: number;
  #givenUp: DeadlineExceeded | null = null;

  private constructor(library: Library, handle: Handle, deadlineSeconds: number) {
    this.#library = library;
    this.#handle = handle;
    this.#deadlineSeconds = deadlineSeconds;
  }

  /**
   * Opens a connection.
   * @throws LibvirtError with the exact error, DeadlineExceeded, LibvirtMissing
   */
  static async open(uri: string, deadlineSeconds: number): Promise<Connection> {
    const library = loadLibrary();
    capture ??= new ErrorCapture(library);
    capture.capture();
    const what = `opening ${uri}`;
    const handle = await bounded(library.openReadOnlyAsync(uri), deadlineSeconds, what);
    if (handle === null) throw new LibvirtError(capture.read());
    capture.silence();
    capture.silenceConnection(handle);
    return new Connection(library, handle, deadlineSeconds);
  }

  /** The deadline that passed, after which nothing more is asked of the connection. */
  get givenUp(): DeadlineExceeded | null {
    return this.#givenUp;
  }

  /** @throws LibvirtError, DeadlineExceeded */
  async uri(): Promise<string> {
    return (await this.#alone(() => this.#library.uriAsync(this.#handle), 'virConnectGetURI')) ?? '';
  }

  /** libvirt's version on the other side, as `9.0.0`. */
  libvirtVersion(): Promise<string> {
    return this.#version(this.#library.libVersionAsync, 'virConnectGetLibVersion');
  }

  /** The hypervisor's version, QEMU's for a QEMU connection. */
  hypervisorVersion(): Promise<string> {
    return this.#version(this.#library.hypervisorVersionAsync, 'virConnectGetVersion');
  }

  /**
   * Lists the domains that `flags` select; 0 for all.
   * @see `virConnectListAllDomainsFlags`
   */
  async list(flags: number): Promise<DomainHandle[]> {
    const out = Buffer.alloc(8);
    const call = () => this.#library.listAllDomainsAsync(this.#handle, out, flags);
    const count = await this.#alone(call, 'virConnectListAllDomains', (result) => result < 0);
    const array = out.readBigUInt64LE();
    if (array === 0n) return [];
    const handles = new BigUint64Array(this.#library.koffi.view(array, count * 8).slice(0));
    this.#library.free(array);
    return Array.from(handles, (handle) => this.#describe(handle));
  }

  /** @throws LibvirtError with code 42 when there is no such domain */
  async lookup(nameOrUuid: string): Promise<DomainHandle> {
    const byUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(nameOrUuid);
    const { lookupByUuidAsync, lookupByNameAsync } = this.#library;
    const call = () => (byUuid ? lookupByUuidAsync : lookupByNameAsync)(this.#handle, nameOrUuid);
    const handle = await this.#alone(call, byUuid ? 'virDomainLookupByUUIDString' : 'virDomainLookupByName');
    return this.#describe(handle as Handle);
  }

  /** The number of `virDomainState`. */
  async state(domain: DomainHandle): Promise<number> {
    const [state, reason] = [Buffer.alloc(4), Buffer.alloc(4)];
    const call = () => this.#library.stateAsync(domain.handle, state, reason, 0);
    await this.#alone(call, 'virDomainGetState', (result) => result < 0);
    return state.readInt32LE();
  }

  /**
   * A domain's XML, or null when libvirt refused; {@link xmlOrError} then tells why. Up to four of these may
   * be in flight: more are no faster, and make the daemon warn in its log.
   * @throws DeadlineExceeded
   */
  xml(domain: DomainHandle, flags: number): Promise<string | null> {
    return this.#ask(() => this.#library.xmlDescAsync(domain.handle, flags), 'virDomainGetXMLDesc');
  }

  /**
   * The same with the exact error. Nothing else may be in flight on the connection.
   * @throws LibvirtError, DeadlineExceeded
   */
  async xmlOrError(domain: DomainHandle, flags: number): Promise<string> {
    const call = () => this.#library.xmlDescAsync(domain.handle, flags);
    return (await this.#alone(call, 'virDomainGetXMLDesc')) as string;
  }

  /** Releases a listed domain. */
  release(domain: DomainHandle): void {
    this.#library.freeDomain(domain.handle);
  }

  /** Closes the connection, unless it was given up. Never throws. */
  async close(): Promise<void> {
    await this.#ask(() => this.#library.closeAsync(this.#handle), 'virConnectClose').catch(() => undefined);
  }

  async #version(call: Library['libVersionAsync'], what: string): Promise<string> {
    const out = Buffer.alloc(8);
    await this.#alone(
      () => call(this.#handle, out),
      what,
      (result) => result < 0,
    );
    const version = Number(out.readBigUInt64LE());
    return `${Math.floor(version / 1_000_000)}.${Math.floor(version / 1000) % 1000}.${version % 1000}`;
  }

  #describe(handle: Handle): DomainHandle {
    const { domainName, domainUuid, domainId } = this.#library;
    return { handle, name: domainName(handle), uuid: domainUuid(handle), active: domainId(handle) >= 0 };
  }

  /** Makes a call while nothing else is in flight, so that its error can be told from all others. */
  async #alone<T>(call: () => Promise<T>, what: string, failed = (result: T) => result === null): Promise<T> {
    capture?.captureConnection(this.#handle);
    const result = await this.#ask(call, what);
    capture?.silenceConnection(this.#handle);
    if (failed(result)) throw new LibvirtError((capture as ErrorCapture).read());
    return result;
  }

  async #ask<T>(call: () => Promise<T>, what: string): Promise<T> {
    if (this.#givenUp) throw this.#givenUp;
    try {
      return await bounded(call(), this.#deadlineSeconds, what);
    } catch (error) {
      if (error instanceof DeadlineExceeded) this.#givenUp ??= error;
      throw error;
    }
  }
}

function bounded<T>(answer: Promise<T>, seconds: number, what: string): Promise<T> {
  trackCall(answer);
  return withDeadline(answer, seconds, what);
}
