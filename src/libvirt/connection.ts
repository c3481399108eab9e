import { Daemon } from './daemon.js';
import { type DomainHandle, describeHandle, takeHandles } from './domainHandle.js';
import { ErrorCapture } from './errorCapture.js';
import { type Handle, type Library, loadLibrary, type WaitingCall } from './library.js';
import { LibvirtError, orUntold } from './libvirtError.js';
import { callWithDeadline, DeadlineExceeded, hasBlockedCalls } from './pendingCalls.js';

/** `VIR_DOMAIN_MESSAGE_TAINTING` */
const MESSAGE_TAINTING = 1 << 1;

let capture: ErrorCapture | null = null;
/** There is one record for all connections. */
let recordInUse = false;

/**
 * A read-only libvirt connection, for one call at a time (docs/decisions/0003-calling-libvirt.md tells why). Every wait has
 * a deadline. When one passes and nothing else was answered meanwhile, the daemon is given up, and each further call to it
 * fails at once.
 */
export class Connection {
  readonly #library: Library;
  readonly #uri: string;
  readonly #handle: Handle;
  readonly #deadlineSeconds: number;
  readonly #daemon: Daemon;
  #stuck = false;

  private constructor(
    library: Library,
    uri: string,
    handle: Handle,
    deadlineSeconds: number,
    daemon: Daemon,
  ) {
    this.#library = library;
    this.#uri = uri;
    this.#handle = handle;
    this.#deadlineSeconds = deadlineSeconds;
    this.#daemon = daemon;
  }

  /** True when a call on it was not answered in time: what is asked of it now may not even be sent. */
  get stuck(): boolean {
    return this.#stuck;
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
    const handle = await callWithDeadline<Handle | null>(
      library.waiting(name),
      [uri],
      name,
      deadlineSeconds,
      library,
    );
    if (handle === null) throw new LibvirtError(capture.take());
    capture.silence();
    capture.silenceConnection(handle);
    return new Connection(library, uri, handle, deadlineSeconds, new Daemon());
  }

  /** Why each further call fails at once; null while the daemon is taken to be alive. */
  get givenUp(): DeadlineExceeded | null {
    return this.#daemon.givenUp;
  }

  /** Opens one more to the same daemon; null when that does not work, for whatever reason. */
  async another(): Promise<Connection | null> {
    if (this.#daemon.givenUp) return null;
    const name = 'virConnectOpenReadOnly';
    const [call, args] = [this.#library.waiting(name), [this.#uri]];
    const opening = callWithDeadline<Handle | null>(call, args, name, this.#deadlineSeconds, this.#daemon);
    const handle = await opening.catch(() => null);
    if (handle === null) return null;
    this.#daemon.answered();
    capture?.silenceConnection(handle);
    return new Connection(this.#library, this.#uri, handle, this.#deadlineSeconds, this.#daemon);
  }

  /**
   * Whether several calls had better share it: another one would log in once more, or belong to another hypervisor, as
   * with drivers that run inside this process and have no client that could forget a call.
   */
  get isShared(): boolean {
    return /^[a-z]+\+(ssh|libssh2?|ext):|^test:|^[a-z]+:\/\/\/embed\b/.test(this.#uri);
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
    return this.#alone('virConnectGetCapabilities', [this.#handle], isNull);
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
    return takeHandles(this.#library, out.readBigUInt64LE(), count);
  }

  /** @throws LibvirtError with code 42 when there is no such domain, DeadlineExceeded */
  async lookup(nameOrUuid: string): Promise<DomainHandle> {
    const byUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(nameOrUuid);
    const name = byUuid ? 'virDomainLookupByUUIDString' : 'virDomainLookupByName';
    return describeHandle(this.#library, await this.#alone<Handle>(name, [this.#handle, nameOrUuid], isNull));
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
   * A domain's XML, or null when libvirt refused; {@link insist} then tells why.
   * @throws DeadlineExceeded
   */
  xml(domain: DomainHandle, flags: number): Promise<string | null> {
    return this.#ask('virDomainGetXMLDesc', [domain.handle, flags]);
  }

  /**
   * The XML inside a domain's managed save image, without passwords; null when libvirt refused.
   * @throws DeadlineExceeded, LibvirtTooOld
   */
  savedXml(domain: DomainHandle): Promise<string | null> {
    return this.#ask('virDomainManagedSaveGetXMLDesc', [domain.handle, 0]);
  }

  /**
   * What taints a running domain, in libvirt's words; null when libvirt refused.
   * @throws DeadlineExceeded, LibvirtTooOld
   */
  async taints(domain: DomainHandle): Promise<readonly string[] | null> {
    const out = Buffer.alloc(8);
    const count = await this.#ask<number>('virDomainGetMessages', [domain.handle, out, MESSAGE_TAINTING]);
    return isNegative(count) ? null : this.#library.takeStrings(out.readBigUInt64LE(), count);
  }

  /**
   * Asks one of the above with the exact error, unless another connection is insisting at the same time.
   * @throws LibvirtError, DeadlineExceeded, LibvirtTooOld
   */
  async insist<Result>(ask: () => Promise<Result | null>): Promise<Result> {
    // A blocked call might wake up and fail into the record as well, and two at once would corrupt it.
    const record = this.#stuck || recordInUse ? null : capture;
    if (record === null) return orUntold(await ask());
    recordInUse = true;
    record.captureConnection(this.#handle);
    try {
      const result = await ask();
      if (result === null) throw new LibvirtError(record.take());
      return result;
    } finally {
      record.silenceConnection(this.#handle);
      recordInUse = false;
    }
  }

  /** Releases listed domains, unless a blocked call may still be using one: the process ends soon then. */
  release(domains: readonly DomainHandle[]): void {
    if (hasBlockedCalls()) return;
    for (const { handle } of domains) this.#library.freeDomain(handle);
  }

  /** Closes the connection, unless a call on it is blocked. Never throws. */
  async close(): Promise<void> {
    if (hasBlockedCalls()) return;
    await this.#ask('virConnectClose', [this.#handle]).catch(() => undefined);
  }

  async #version(name: WaitingCall): Promise<string> {
    const out = Buffer.alloc(8);
    await this.#alone(name, [this.#handle, out], isNegative);
    return versionText(Number(out.readBigUInt64LE()));
  }

  /** Makes a call while nothing else is in flight, so that its error can be told from all others. */
  #alone<Result>(name: WaitingCall, args: unknown[], failed: (result: unknown) => boolean): Promise<Result> {
    return this.insist(async () => {
      const result = await this.#ask<Result>(name, args);
      return failed(result) ? null : result;
    });
  }

  #ask<Result>(name: WaitingCall, args: unknown[]): Promise<Result> {
    if (this.#daemon.givenUp) return Promise.reject(this.#daemon.givenUp);
    const startedAt = performance.now();
    const call = this.#library.waiting(name);
    const answer = callWithDeadline<Result>(call, args, name, this.#deadlineSeconds, this.#daemon);
    answer.then(
      () => this.#daemon.answered(),
      (error) => {
        if (!(error instanceof DeadlineExceeded)) return;
        this.#stuck = true;
        this.#daemon.silent(startedAt, error);
      },
    );
    return answer;
  }
}

/** libvirt counts a version as major * 1,000,000 + minor * 1,000 + release. */
function versionText(version: number): string {
  return `${Math.floor(version / 1_000_000)}.${Math.floor(version / 1000) % 1000}.${version % 1000}`;
}

const isNull = (result: unknown) => result === null;
const isNegative = (result: unknown) => (result as number) < 0;
