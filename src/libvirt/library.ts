import { createRequire } from 'node:module';
import type Koffi from 'koffi';

/** A native object. It is only handed back to libvirt, never looked into, and never leaves this folder. */
export type Handle = bigint;

/** A native function called on libuv's thread pool, so that it may block without blocking this process. */
export type AsyncCall<Arguments extends unknown[], Result> = (...args: Arguments) => Promise<Result>;

/** The part of libvirt that is used. What ends in `Async` may wait for the daemon; the rest is local. */
export interface Library {
  readonly koffi: typeof Koffi;
  openReadOnlyAsync: AsyncCall<[uri: string], Handle | null>;
  closeAsync: AsyncCall<[connection: Handle], number>;
  listAllDomainsAsync: AsyncCall<[connection: Handle, domains: Buffer, flags: number], number>;
  lookupByNameAsync: AsyncCall<[connection: Handle, name: string], Handle | null>;
  lookupByUuidAsync: AsyncCall<[connection: Handle, uuid: string], Handle | null>;
  xmlDescAsync: AsyncCall<[domain: Handle, flags: number], string | null>;
  stateAsync: AsyncCall<[domain: Handle, state: Buffer, reason: Buffer, flags: number], number>;
  libVersionAsync: AsyncCall<[connection: Handle, version: Buffer], number>;
  hypervisorVersionAsync: AsyncCall<[connection: Handle, version: Buffer], number>;
  uriAsync: AsyncCall<[connection: Handle], string | null>;
  domainName(domain: Handle): string;
  /** `-1` for a domain that does not run. */
  domainId(domain: Handle): number;
  domainUuid(domain: Handle): string;
  freeDomain(domain: Handle): void;
  /** Frees memory that libvirt allocated for the caller. */
  free(pointer: bigint): void;
  setErrorHandler(userData: bigint | null, handler: bigint): void;
  setConnectionErrorHandler(connection: Handle, userData: bigint | null, handler: bigint): void;
  /** The address of an exported function, to be used as a native error handler. */
  address(symbol: 'virCopyLastError' | 'virResetError'): bigint;
}

/** Thrown when this machine has no libvirt client library. */
export class LibvirtMissing extends Error {
  override readonly name = 'LibvirtMissing';
}

let loaded: Library | null = null;

/**
 * Loads `libvirt.so.0` and initialises it.
 * @throws LibvirtMissing when the library cannot be loaded
 */
export function loadLibrary(): Library {
  loaded ??= bind();
  return loaded;
}

function bind(): Library {
  // The CommonJS build of koffi starts faster than its ES module, which tries several loaders.
  const koffi = createRequire(import.meta.url)('koffi') as typeof Koffi;
  let native: ReturnType<typeof koffi.load>;
  try {
    native = koffi.load('libvirt.so.0');
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new LibvirtMissing(`the libvirt client library libvirt.so.0 cannot be loaded (${detail})`);
  }
  // libvirt's strings are malloc()ed for the caller; koffi converts and frees them.
  koffi.disposable('VirString', 'str');
  const bindCall = (prototype: string) => native.func(prototype);
  // koffi does not keep the Buffers of an asynchronous call alive: hold every argument until it returns.
  const pinned = new Set<unknown[]>();
  const asynchronous = <Arguments extends unknown[], Result>(prototype: string) => {
    const call = bindCall(prototype).async;
    return (...args: Arguments) =>
      new Promise<Result>((resolve, reject) => {
        pinned.add(args);
        call(...args, (error: Error | null, result: Result) => {
          pinned.delete(args);
          if (error) reject(error);
          else resolve(result);
        });
      });
  };
  // Before virInitialize() libvirt's thread-local error slot is somebody else's: it must come first.
  if ((bindCall('int virInitialize()')() as number) < 0)
    throw new LibvirtMissing('libvirt cannot be initialised');

  const uuidString = bindCall('int virDomainGetUUIDString(void *domain, void *buffer)');
  const uuidBuffer = Buffer.alloc(37);
  return {
    koffi,
    openReadOnlyAsync: asynchronous('void *virConnectOpenReadOnly(const char *uri)'),
    closeAsync: asynchronous('int virConnectClose(void *connection)'),
    listAllDomainsAsync: asynchronous(
      'int virConnectListAllDomains(void *connection, void *domains, unsigned int flags)',
    ),
    lookupByNameAsync: asynchronous('void *virDomainLookupByName(void *connection, const char *name)'),
    lookupByUuidAsync: asynchronous('void *virDomainLookupByUUIDString(void *connection, const char *uuid)'),
    xmlDescAsync: asynchronous('VirString virDomainGetXMLDesc(void *domain, unsigned int flags)'),
    stateAsync: asynchronous(
      'int virDomainGetState(void *domain, void *state, void *reason, unsigned int flags)',
    ),
    libVersionAsync: asynchronous('int virConnectGetLibVersion(void *connection, void *version)'),
    hypervisorVersionAsync: asynchronous('int virConnectGetVersion(void *connection, void *version)'),
    uriAsync: asynchronous('VirString virConnectGetURI(void *connection)'),
    domainName: bindCall('const char *virDomainGetName(void *domain)') as Library['domainName'],
    domainId: bindCall('int virDomainGetID(void *domain)') as Library['domainId'],
    domainUuid(domain) {
      uuidString(domain, uuidBuffer);
      return uuidBuffer.toString('latin1', 0, 36);
    },
    freeDomain: bindCall('int virDomainFree(void *domain)') as Library['freeDomain'],
    free: (pointer) => koffi.free(pointer),
    setErrorHandler: bindCall(
      'void virSetErrorFunc(void *userData, void *handler)',
    ) as Library['setErrorHandler'],
    setConnectionErrorHandler: bindCall(
      'void virConnSetErrorFunc(void *connection, void *userData, void *handler)',
    ) as Library['setConnectionErrorHandler'],
    address: (symbol) => native.symbol(symbol) as unknown as bigint,
  };
}
