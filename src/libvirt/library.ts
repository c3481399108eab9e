import { createRequire } from 'node:module';
import type Koffi from 'koffi';
import type { NativeCall } from './pendingCalls.js';

/** A native object. It is only handed back to libvirt, never looked into, and never leaves this folder. */
export type Handle = bigint;

/** The calls that may wait for the daemon, for {@link callWithDeadline}. */
const WAITING = {
  virConnectOpenReadOnly: 'void *virConnectOpenReadOnly(const char *uri)',
  virConnectOpen: 'void *virConnectOpen(const char *uri)',
  virConnectClose: 'int virConnectClose(void *connection)',
  virConnectListAllDomains:
    'int virConnectListAllDomains(void *connection, void *domains, unsigned int flags)',
  virConnectGetLibVersion: 'int virConnectGetLibVersion(void *connection, void *version)',
  virDomainLookupByName: 'void *virDomainLookupByName(void *connection, const char *name)',
  virDomainLookupByUUIDString: 'void *virDomainLookupByUUIDString(void *connection, const char *uuid)',
  virDomainGetState: 'int virDomainGetState(void *domain, void *state, void *reason, unsigned int flags)',
  virDomainGetXMLDesc: 'VirString virDomainGetXMLDesc(void *domain, unsigned int flags)',
  virDomainManagedSaveGetXMLDesc:
    'VirString virDomainManagedSaveGetXMLDesc(void *domain, unsigned int flags)',
  virDomainDefineXMLFlags:
    'void *virDomainDefineXMLFlags(void *connection, const char *xml, unsigned int flags)',
  virDomainIsPersistent: 'int virDomainIsPersistent(void *domain)',
  virDomainHasManagedSaveImage: 'int virDomainHasManagedSaveImage(void *domain, unsigned int flags)',
  virDomainGetMessages: 'int virDomainGetMessages(void *domain, void *messages, unsigned int flags)',
  virConnectGetVersion: 'int virConnectGetVersion(void *connection, void *version)',
  virConnectGetCapabilities: 'VirString virConnectGetCapabilities(void *connection)',
} as const;

/** The release that brought a function, where a libvirt in use may be older. */
const SINCE: Readonly<Partial<Record<WaitingCall, string>>> = {
  virDomainManagedSaveGetXMLDesc: '3.7.0',
  virDomainGetMessages: '7.1.0',
  virDomainDefineXMLFlags: '1.2.12',
};

/** The name of a libvirt function that may wait. */
export type WaitingCall = keyof typeof WAITING;

/** The part of libvirt that is used. */
export interface Library {
  readonly koffi: typeof Koffi;
  /** @throws LibvirtTooOld when the library has no such function */
  waiting(name: WaitingCall): NativeCall;
  domainName(domain: Handle): string;
  /** `-1` for a domain that does not run. */
  domainId(domain: Handle): number;
  domainUuid(domain: Handle): string;
  freeDomain(domain: Handle): void;
  /** Frees memory that libvirt allocated for the caller. */
  free(pointer: bigint): void;
  /** Reads an array of strings that libvirt allocated for the caller, and frees all of it. */
  takeStrings(array: bigint, count: number): string[];
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

/** Thrown for a call that the installed libvirt client library does not have yet. */
export class LibvirtTooOld extends Error {
  override readonly name = 'LibvirtTooOld';
  constructor(call: WaitingCall) {
    super(`the libvirt client library has no ${call}, which libvirt ${SINCE[call]} brought`);
  }
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
  const waiting = new Map(
    Object.entries(WAITING).map(([name, prototype]) => [name, waitingCall(native, name, prototype)]),
  );
  return {
    koffi,
    waiting(name) {
      const call = waiting.get(name);
      if (call) return call;
      throw new LibvirtTooOld(name);
    },
    domainName: local('const char *virDomainGetName(void *domain)'),
    domainId: local('int virDomainGetID(void *domain)'),
    domainUuid(domain) {
      uuidString(domain, uuidBuffer);
      return uuidBuffer.toString('latin1', 0, 36);
    },
    freeDomain: local('int virDomainFree(void *domain)'),
    free: (pointer) => koffi.free(pointer),
    takeStrings(array, count) {
      if (array === 0n) return [];
      const pointers = count > 0 ? new BigUint64Array(koffi.view(array, count * 8).slice(0)) : [];
      const strings = Array.from(pointers, (pointer) => {
        const text = koffi.decode(pointer, 'char', -1) as string;
        koffi.free(pointer);
        return text;
      });
      koffi.free(array);
      return strings;
    },
    setErrorHandler: local('void virSetErrorFunc(void *userData, void *handler)'),
    setConnectionErrorHandler: local(
      'void virConnSetErrorFunc(void *connection, void *userData, void *handler)',
    ),
    resetError: local('void virResetError(void *record)'),
    address: (symbol) => native.symbol(symbol) as unknown as bigint,
  };
}

function waitingCall(
  native: ReturnType<typeof Koffi.load>,
  name: string,
  prototype: string,
): NativeCall | null {
  try {
    return native.func(prototype).async;
  } catch (error) {
    if (name in SINCE) return null;
    throw error;
  }
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
