import type { CommandRun } from '../commands/command.js';
import type { DomainState } from '../facts/domain.js';
import type { Fact } from '../facts/fact.js';
import type { Problem } from '../facts/facts.js';

/**
 * A machine as it was written down: by the shell collector, or by `sos report`. Everything in it comes from that machine
 * and is not to be trusted: paths, contents, numbers and names.
 */
export interface Recording {
  /** Where it comes from, for people: `root@compute7` or a path. */
  readonly origin: string;
  readonly hostname: string;
  /** `uname -m` */
  readonly architecture: Fact<string>;
  /** `uname -r` */
  readonly kernelRelease: Fact<string>;
  /** The user who recorded, as a number; null where that is not known. */
  readonly uid: number | null;
  /** The recorded machine's system clock at the beginning, in seconds since 1970. */
  readonly recordedAtSeconds: number;
  /** The same when its hardware clock was read. */
  readonly hardwareClockReadAtSeconds: number;
  /** By absolute path, `/` first and without `.` and `..`. What is not in it was not there. */
  readonly entries: ReadonlyMap<string, RecordedEntry>;
  /** How commands ended there, by name and arguments with a blank between them. */
  readonly runs: ReadonlyMap<string, CommandRun>;
  /** What virsh told; null where only files tell of domains. */
  readonly virsh: VirshRecord | null;
  /** What could not be recorded: makes the audit incomplete. */
  readonly problems: readonly Problem[];
  /** What a reader should know and nobody has to act on. */
  readonly notes: readonly string[];
}

/** What was at a path. */
export type RecordedEntry =
  | { readonly kind: 'file'; readonly bytes: Buffer }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'directory' }
  /** It was there, and could not be read. */
  | { readonly kind: 'unreadable' };

/** A hypervisor as virsh told of it. */
export interface VirshRecord {
  /** The URI that it was asked at. */
  readonly uri: string;
  /** libvirt's, as `9.0.0`; null where virsh did not tell. */
  readonly libvirtVersion: string | null;
  readonly domains: readonly VirshDomain[];
  /** `virsh capabilities`; absent where no domain made it worth asking. */
  readonly capabilities?: Fact<string>;
  /** QEMU's version, as `7.2.22`; absent where no domain made it worth asking. */
  readonly qemuVersion?: Fact<string>;
}

/** A domain as virsh told of it. */
export interface VirshDomain {
  readonly name: string;
  readonly uuid: string;
  readonly state: Fact<DomainState>;
  readonly persistent: Fact<boolean>;
  readonly managedSave: Fact<boolean>;
  /** `virsh dumpxml`; null for a domain that does not run. */
  readonly live: Fact<string> | null;
  /** `virsh dumpxml --inactive`; null for a domain without a persistent definition. */
  readonly inactive: Fact<string> | null;
}
