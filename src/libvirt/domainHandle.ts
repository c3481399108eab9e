import type { Handle, Library } from './library.js';

/** A domain that a connection listed. Release it with `Connection.release`. */
export interface DomainHandle {
  readonly handle: Handle;
  readonly name: string;
  readonly uuid: string;
  readonly active: boolean;
}

/** What libvirt's client knows of a domain without asking the daemon. */
export function describeHandle({ domainName, domainUuid, domainId }: Library, handle: Handle): DomainHandle {
  return { handle, name: domainName(handle), uuid: domainUuid(handle), active: domainId(handle) >= 0 };
}

/** Takes the handles out of an array that libvirt allocated, and frees the array. */
export function takeHandles(library: Library, array: bigint, count: number): DomainHandle[] {
  if (array === 0n) return [];
  const handles = new BigUint64Array(library.koffi.view(array, count * 8).slice(0));
  library.free(array);
  return Array.from(handles, (handle) => describeHandle(library, handle));
}
