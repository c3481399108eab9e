import type { LibvirtErrorRecord } from '../facts/fact.js';
import { ErrorCapture } from './errorCapture.js';
import { type Handle, type Library, loadLibrary, type WaitingCall } from './library.js';
import { callWithDeadline, DeadlineExceeded } from './pendingCalls.js';

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
    const name = 'virConnectOpenReadOnly';
    const handle = await callWithDeadline<Handle | null>(library.waiting[name], [uri], name, deadlineSeconds);
    if (handle === null) throw new LibvirtError(capture.take());
    capture.silence();
    capture.silenceConnection(handle);
    return new Connection(library, handle, deadlineSeconds);
  }

  /**
   * libvirt's version on the other side, as `9.0.0`. The hypervisor's is not asked for: a daemon that has not
   * looked at QEMU yet would start every QEMU binary it has to find out, for seconds.
   * @throws LibvirtError, DeadlineExceeded
   */
  async libvirtVersion(): Promise<string> {
    const out = Buffer.alloc(8);
    await this.#alone('virConnectGetLibVersion', [this.#handle, out], isNegative);
    const version = Number(out.readBigUInt64LE());
    return `${Math.floor(version / 1_000_000)}.${Math.floor(version / 1000) % 1000}.${version % 1000}`;
  }

  /**
   * Lists the domains that `flags` select; 0 for all.
   * @see `virConnectListAllDomainsFlags`
   * @throws LibvirtError, DeadlineExceeded
   */
  async list(flags: number): Promise<DomainHandle[]> {
    const out = Buffer.alloc(8);
    const count = await this.#alone<number>(
      'virConnectListAllDomains',
      [this.#handle, out, flags],
      isNegative,
    );
    const array = out.readBigUInt64LE();
    if (array === 0n) return [];
    const handles = new BigUint64Array(this.#library.koffi.view(array, count * 8).slice(0));
    this.#library.free(array);
    return Array.from(handles, (handle) => this.#describe(handle));
  }

  /** @throws LibvirtError with code 42 when there is no such domain, DeadlineExceeded */
  async lookup(nameOrUuid: string): Promise<DomainHandle> {
    const byUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(nameOrUuid);
    const name = byUuid ? 'virDomainLookupByUUIDString' : 'virDomainLookupByName';
    return this.#describe(await this.#alone<Handle>(name, [this.#handle, nameOrUuid], isNull));
  }

  /**
   * The number of `virDomainState`.
   * @throws LibvirtError, DeadlineExceeded
   */
  async state(domain: DomainHandle): Promise<number> {
    const [state, reason] = [Buffer.alloc(4), Buffer.alloc(4)];
    await this.#alone('virDomainGetState', [domain.handle, state, reason, 0], isNegative);
    return state.readInt32LE();
  }

  /**
   * A domain's XML, or null when libvirt refused; {@link xmlOrError} then tells why. Up to four of these may
   * be in flight: more are no faster, and make the daemon warn in its log.
   * @throws DeadlineExceeded
   */
  xml(domain: DomainHandle, flags: number): Promise<string | null> {
    return this.#ask('virDomainGetXMLDesc', [domain.handle, flags]);
  }

  /**
   * The same with the exact error. Nothing else may be in flight on the connection.
   * @throws LibvirtError, DeadlineExceeded
   */
  xmlOrError(domain: DomainHandle, flags: number): Promise<string> {
    return this.#alone('virDomainGetXMLDesc', [domain.handle, flags], isNull);
  }

  /** Releases a listed domain. */
  release(domain: DomainHandle): void {
    this.#library.freeDomain(domain.handle);
  }

  /** Closes the connection, unless it was given up. Never throws. */
  async close(): Promise<void> {
    await this.#ask('virConnectClose', [this.#handle]).catch(() => undefined);
  }

  #describe(handle: Handle): DomainHandle {
    const { domainName, domainUuid, domainId } = this.#library;
    return { handle, name: domainName(handle), uuid: domainUuid(handle), active: domainId(handle) >= 0 };
  }

  /** Makes a call while nothing else is in flight, so that its error can be told from all others. */
  async #alone<Result>(
    name: WaitingCall,
    args: unknown[],
    failed: (result: unknown) => boolean,
  ): Promise<Result> {
    capture?.captureConnection(this.#handle);
    const result = await this.#ask<Result>(name, args);
    capture?.silenceConnection(this.#handle);
    if (failed(result)) throw new LibvirtError((capture as ErrorCapture).take());
    return result;
  }

  #ask<Result>(name: WaitingCall, args: unknown[]): Promise<Result> {
    if (this.#givenUp) return Promise.reject(this.#givenUp);
    const answer = callWithDeadline<Result>(this.#library.waiting[name], args, name, this.#deadlineSeconds);
    answer.catch((error) => {
      if (error instanceof DeadlineExceeded) this.#givenUp ??= error;
    });
    return answer;
  }
}

function isNull(result: unknown): boolean {
  return result === null;
}

function isNegative(result: unknown): boolean {
  return (result as number) < 0;
}
