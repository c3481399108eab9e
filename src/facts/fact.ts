/**
 * A fact is either known, with where it was read, or unknown, with why it could not be read.
 * Nothing in between exists: a check never has to guess what `undefined` meant.
 */
export type Fact<T> = Known<T> | Unknown;

/** Something that was read, and the place it was read from (a path, a command, a libvirt call). */
export interface Known<T> {
  readonly known: true;
  readonly value: T;
  readonly source: string;
}

/** Something that could not be read. */
export interface Unknown {
  readonly known: false;
  /** One sentence for an operator: the thing, the cause and what to do. */
  readonly reason: string;
  /** A stable identifier of the cause, such as `chronyc-missing`, for programs. */
  readonly cause: string;
  readonly source: string;
  /** True when nobody asked for the fact (`--no-host`): that makes a check not applicable, not unknown. */
  readonly leftOut?: true;
  /** The error that libvirt reported, when libvirt was the one that refused. */
  readonly libvirtError?: LibvirtErrorRecord;
}

/**
 * libvirt's own description of a failure.
 * @see {@link https://libvirt.org/html/libvirt-virterror.html} for the numbers.
 */
export interface LibvirtErrorRecord {
  /** `virErrorNumber`, such as 42 for a missing domain or 38 for a failed system call. */
  readonly code: number;
  /** `virErrorDomain`, the part of libvirt that failed, such as 7 for the RPC layer. */
  readonly domain: number;
  readonly message: string;
}

/** Wraps a value that was read from `source`. */
export function known<T>(value: T, source: string): Known<T> {
  return { known: true, value, source };
}

/** Records that a value could not be read from `source`, and why. */
export function unknown(
  source: string,
  cause: string,
  reason: string,
  libvirtError?: LibvirtErrorRecord,
): Unknown {
  return { known: false, reason, cause, source, ...(libvirtError && { libvirtError }) };
}

/** Records that a value was not asked for, so that nothing is held against its absence. */
export function leftOut(source: string, reason: string): Unknown {
  return { known: false, reason, cause: 'left-out', source, leftOut: true };
}
