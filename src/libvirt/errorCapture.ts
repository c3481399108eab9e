import type { TypeObject } from 'koffi';
import type { LibvirtErrorRecord } from '../facts/fact.js';
import type { Handle, Library } from './library.js';

/**
 * Catches libvirt's error on the thread where it happens.
 *
 * libvirt keeps its last error per thread, so the main thread cannot ask for that of a pool thread. But
 * `virCopyLastError(to)` has the shape of an error handler, `handler(userData, error)`: registered with a
 * record as user data, it copies the error of the failing thread into it, in native code, before the call
 * returns. It also keeps libvirt from printing the error. One record serves one call at a time: two threads
 * must never fail into it at once.
 */
export class ErrorCapture {
  readonly #library: Library;
  readonly #record: bigint;
  readonly #type: TypeObject;

  constructor(library: Library) {
    const { koffi } = library;
    this.#library = library;
    // struct _virError of include/libvirt/virterror.h.
    this.#type = koffi.struct({
      code: 'int',
      domain: 'int',
      message: 'char *',
      level: 'int',
      conn: 'void *',
      dom: 'void *',
      str1: 'char *',
      str2: 'char *',
      str3: 'char *',
      int1: 'int',
      int2: 'int',
      net: 'void *',
    });
    this.#record = koffi.alloc(this.#type, 1) as unknown as bigint;
    this.silence();
  }

  /** Drops errors of calls without a connection. `virResetError(NULL)` does nothing, and prints nothing. */
  silence(): void {
    this.#library.setErrorHandler(null, this.#library.address('virResetError'));
  }

  /** Drops a connection's errors: the setting for several calls in flight. */
  silenceConnection(connection: Handle): void {
    this.#library.setConnectionErrorHandler(connection, null, this.#library.address('virResetError'));
  }

  /** Keeps the error of the next failing call that has no connection, such as opening one. */
  capture(): void {
    this.#library.setErrorHandler(this.#record, this.#library.address('virCopyLastError'));
  }

  /** Keeps the error of the next failing call on a connection: the setting for one call in flight. */
  captureConnection(connection: Handle): void {
    const handler = this.#library.address('virCopyLastError');
    this.#library.setConnectionErrorHandler(connection, this.#record, handler);
  }

  /** Takes the captured error out of the record. */
  take(): LibvirtErrorRecord {
    const { code, domain, message } = this.#library.koffi.decode(
      this.#record,
      this.#type,
    ) as LibvirtErrorRecord;
    this.#library.resetError(this.#record);
    return { code, domain, message: message ?? 'libvirt gave no message' };
  }
}
