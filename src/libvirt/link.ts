import { Daemon } from './daemon.js';
import { ErrorCapture } from './errorCapture.js';
import { type Handle, type Library, loadLibrary, type WaitingCall } from './library.js';
import { LibvirtError, orUntold } from './libvirtError.js';
import { callWithDeadline, DeadlineExceeded, hasBlockedCalls } from './pendingCalls.js';

let capture: ErrorCapture | null = null;
/** There is one record for all connections. */
let recordInUse = false;

/** What an open connection is made of. */
export interface LinkParts {
  readonly library: Library;
  readonly uri: string;
  readonly handle: Handle;
  readonly deadlineSeconds: number;
  readonly daemon: Daemon;
}

/** With what rights a connection is opened. */
export type OpenCall = 'virConnectOpenReadOnly' | 'virConnectOpen';

/**
 * The way to a daemon for one call at a time (docs/decisions/0003-calling-libvirt.md tells why). Every wait has
 * a deadline. When one passes and nothing else was answered meanwhile, the daemon is given up, and each further call to it
 * fails at once.
 */
export class Link {
  readonly #library: Library;
  readonly #uri: string;
  readonly #handle: Handle;
  readonly #deadlineSeconds: number;
  readonly #daemon: Daemon;
  #stuck = false;

  constructor({ library, uri, handle, deadlineSeconds, daemon }: LinkParts) {
    this.#library = library;
    this.#uri = uri;
    this.#handle = handle;
    this.#deadlineSeconds = deadlineSeconds;
    this.#daemon = daemon;
  }

  /**
   * Opens a connection.
   * @throws LibvirtError with the exact error, DeadlineExceeded, LibvirtMissing
   */
  static async openParts(uri: string, deadlineSeconds: number, name: OpenCall): Promise<LinkParts> {
    const library = loadLibrary();
    capture ??= new ErrorCapture(library);
    capture.capture();
    const call = library.waiting(name);
    const handle = await callWithDeadline<Handle | null>(call, [uri], name, deadlineSeconds, library);
    if (handle === null) throw new LibvirtError(capture.take());
    capture.silence();
    capture.silenceConnection(handle);
    return { library, uri, handle, deadlineSeconds, daemon: new Daemon() };
  }

  /** True when a call on it was not answered in time: what is asked of it now may not even be sent. */
  get stuck(): boolean {
    return this.#stuck;
  }

  /** Why each further call fails at once; null while the daemon is taken to be alive. */
  get givenUp(): DeadlineExceeded | null {
    return this.#daemon.givenUp;
  }

  /**
   * Whether several calls had better share it: another one would log in once more, or belong to another hypervisor, as
   * with drivers that run inside this process and have no client that could forget a call.
   */
  get isShared(): boolean {
    return /^[a-z]+\+(ssh|libssh2?|ext):|^test:|^[a-z]+:\/\/\/embed\b/.test(this.#uri);
  }

  /**
   * Asks one of the calls that return null for a refusal, with the exact error, unless another connection is insisting at
   * the same time.
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

  /** Closes the connection, unless a call on it is blocked. Never throws. */
  async close(): Promise<void> {
    if (hasBlockedCalls()) return;
    await this.ask('virConnectClose', [this.#handle]).catch(() => undefined);
  }

  protected get library(): Library {
    return this.#library;
  }

  protected get handle(): Handle {
    return this.#handle;
  }

  /** Opens one more to the same daemon; null when that does not work, for whatever reason. */
  protected async anotherOne(): Promise<LinkParts | null> {
    if (this.#daemon.givenUp) return null;
    const name = 'virConnectOpenReadOnly';
    const [call, args] = [this.#library.waiting(name), [this.#uri]];
    const opening = callWithDeadline<Handle | null>(call, args, name, this.#deadlineSeconds, this.#daemon);
    const handle = await opening.catch(() => null);
    if (handle === null) return null;
    this.#daemon.answered();
    capture?.silenceConnection(handle);
    return {
      library: this.#library,
      uri: this.#uri,
      handle,
      deadlineSeconds: this.#deadlineSeconds,
      daemon: this.#daemon,
    };
  }

  /** Makes a call while nothing else is in flight, so that its error can be told from all others. */
  protected alone<Result>(
    name: WaitingCall,
    args: unknown[],
    failed: (result: unknown) => boolean,
  ): Promise<Result> {
    return this.insist(async () => {
      const result = await this.ask<Result>(name, args);
      return failed(result) ? null : result;
    });
  }

  protected ask<Result>(name: WaitingCall, args: unknown[]): Promise<Result> {
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

export const isNull = (result: unknown) => result === null;
export const isNegative = (result: unknown) => (result as number) < 0;
