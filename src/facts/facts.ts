import type { DomainFacts } from './domain.js';
import type { LibvirtErrorRecord } from './fact.js';
import type { HostFacts } from './host.js';

/** Everything an audit knows. Plain data: written by `collect`, read back by `--from`. */
export interface Facts {
  /** Changes when a reader of older facts would misunderstand newer ones. */
  readonly schemaVersion: '1.0';
  readonly toolVersion: string;
  /** ISO 8601, in UTC. */
  readonly collectedAt: string;
  /** What the machine calls itself. */
  readonly hostname: string;
  /**
   * What the caller knows the machine by, such as the destination of `--ssh`. Tells machines apart that call themselves
   * alike, and one that takes the name of another.
   */
  readonly target?: string;
  readonly sources: readonly SourceFacts[];
  /** Null when the host was left out. */
  readonly host: HostFacts | null;
  /** Why there is no host part, or whose it is. */
  readonly hostNote: string;
  readonly domains: readonly DomainFacts[];
  /** Present when some domains were left out on purpose, so that nobody knows what else there is. */
  readonly narrowed?: true;
  /** What could not be read at all, so that no domain stands for it. */
  readonly problems: readonly Problem[];
  /** What a reader should know and nobody has to act on. */
  readonly notes: readonly string[];
}

/** One place that domains were read from. */
export interface SourceFacts {
  readonly kind: 'libvirt' | 'files';
  /** The URI, with ` on HOST` behind it where that was recorded elsewhere; or the path as it was given. */
  readonly location: string;
  readonly libvirtVersion?: string;
}

/**
 * The URI in the location of a source that libvirt answered for. A URI has no blanks (RFC 3986), so what follows one, as
 * in `qemu:///system on compute7`, tells where a recording was made.
 */
export function libvirtUri(location: string): string {
  return location.split(' ', 1)[0] ?? '';
}

/** Something that could not be read. Makes the audit incomplete, and its exit code 3. */
export interface Problem {
  /** The file, URI or name pattern concerned. */
  readonly target: string;
  readonly cause: string;
  /** One sentence: what went wrong and what to do. */
  readonly reason: string;
  /** 1-based, for a malformed file. */
  readonly line?: number;
  readonly column?: number;
  readonly libvirtError?: LibvirtErrorRecord;
}
