import { createRequire } from 'node:module';
import type Koffi from 'koffi';
import type { NativeCall } from './pendingCalls.js';

/** A native object. It is only handed back to libvirt, never looked into, and never leaves this folder. */
export type Handle = bigint;

/** The calls that may wait for the daemon, for {@link callWithDeadline}. */
const WAITING = {
  virConnectOpenReadOnly: 'void *virConnectOpenReadOnly(const char *uri)',
  virConnectClose: 'int virConnectClose(void *connection)',
  virConnectListAllDomains:
    'int virConnectListAllDomains(void *connection, void *domains, unsigned int flags)',
  virConnectGetLibVersion: 'int virConnectGetLibVersion(void *connection, void *version)',
  virDomainLookupByName: 'void *virDomainLookupByName(void *connection, const char *name)',
  virDomainLookupByUUIDString: 'void *virDomainLookupByUUIDString(void *connection, const char *uuid)',
  virDomainGetState: 'int virDomainGetState(void *domain, void *state, void *reason, unsigned int flags)',
  virDomainGetXMLDesc: 'VirString virDomainGetXMLDesc(void *domain, unsigned int flags)',
} as const;

/** The name of a libvirt function that may wait. */
export type WaitingCall = keyof typeof WAITING;

/** The part of libvirt that is used. */
export interface Library {
  readonly koffi: typeof Koffi;
  readonly waiting: Readonly<Record<WaitingCall, NativeCall>>;
  domainName(domain: Handle): string;
  /** `-1` for a domain that does not run. */
  domainId(domain: Handle): number;
  domainUuid(domain: Handle): string;
  freeDomain(domain: Handle): void;
  /** Frees memory that libvirt allocated for the caller. */
  free(pointer: bigint): void;
  setErrorHandler(userData: bigint | null, handler: bigint): void;
  setConnectionErrorHandler(connection: Handle, userData: bigint | null, handler: bigint): void;
  /** Frees the strings of an error record and clears it. */
  resetError(record: bigint): void;
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
  const local = <Call>(prototype: string) => native.func(prototype) as Call;
  // Before virInitialize() libvirt's thread-local error slot is somebody else's: it must come first.
  if (local<() => number>('int virInitialize()')() < 0)
    throw new LibvirtMissing('libvirt cannot be initialised');

  silenceXmlLibrary(koffi);
  const uuidString = local<(domain: Handle, buffer: Buffer) => number>(
    'int virDomainGetUUIDString(void *domain, void *buffer)',
  );
  const uuidBuffer = Buffer.alloc(37);
  const waiting = Object.entries(WAITING).map(([name, prototype]) => [name, native.func(prototype).async]);
  return {
    koffi,
    waiting: Object.fromEntries(waiting),
    domainName: local('const char *virDomainGetName(void *domain)'),
    domainId: local('int virDomainGetID(void *domain)'),
    domainUuid(domain) {
      uuidString(domain, uuidBuffer);
      return uuidBuffer.toString('latin1', 0, 36);
    },
    freeDomain: local('int virDomainFree(void *domain)'),
    free: (pointer) => koffi.free(pointer),
    setErrorHandler: local('void virSetErrorFunc(void *userData, void *handler)'),
    setConnectionErrorHandler: local(
      'void virConnSetErrorFunc(void *connection, void *userData, void *handler)',
    ),
    resetError: local('void virResetError(void *record)'),
    address: (symbol) => native.symbol(symbol) as unknown as bigint,
  };
}

/**
 * The test driver parses files with libxml2, which prints what it finds. Its handler is kept per thread, so it
 * is set for this one, which libxml2 takes for its main thread from then on, and for those to come. A function
 * without arguments ignores all that it is called with.
 */
function silenceXmlLibrary(koffi: typeof Koffi): void {
  try {
    const nothing = koffi.load('libc.so.6').symbol('getpid');
    const libxml2 = koffi.load('libxml2.so.2');
    for (const setter of ['xmlSetGenericErrorFunc', 'xmlThrDefSetGenericErrorFunc']) {
      libxml2.func(`void ${setter}(void *context, void *handler)`)(null, nothing);
    }
  } catch {
    // A libvirt that is built on another libxml2 prints what it always did.
  }
}
