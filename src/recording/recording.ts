import type { CommandRun } from '../commands/command.js';
import type { DomainState } from '../facts/domain.js';
import type { Fact, Unknown } from '../facts/fact.js';
import type { Problem } from '../facts/facts.js';
import type { HostFacts } from '../facts/host.js';

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
  /** What chronyc's `-h` was given there; absent for nothing. */
  readonly chronyHost?: string;
  /** How long the collector waited for any one answer; absent where that is not known. */
  readonly deadlineSeconds?: number;
  /** By absolute path, `/` first and without `.` and `..`. What is not in it was not there. */
  readonly entries: ReadonlyMap<string, RecordedEntry>;
  /** How commands ended there, by name and arguments with a blank between them. */
  readonly runs: ReadonlyMap<string, CommandRun>;
  /** What virsh told; null where only files tell of domains. */
  readonly virsh: VirshRecord | null;
  /** Why no virsh told; absent where that is no wonder. */
  readonly virshMissing?: string;
  /** Where QEMU's pid files were looked for; absent where no processes were recorded. */
  readonly stateDirectories?: readonly string[];
  /** Processes whose environment the user who recorded was not shown; theirs is recorded as empty. */
  readonly hiddenEnvironments?: ReadonlySet<number>;
  /** Present when the recording broke off before all that concerns the host was there, so that nothing does. */
  readonly hostMissing?: true;
  /** Facts that no reader can tell from what is here, where a file that is missing was perhaps only not recorded. */
  readonly unrecorded?: Readonly<Partial<Record<keyof HostFacts, Unknown>>>;
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
  /** UUIDs of domains that were listed, and not there any more when they were asked about. */
  readonly vanished?: readonly string[];
  /** Why it is not known which domains there are; absent where virsh listed them. */
  readonly listMissing?: string;
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
  /** `virsh managedsave-dumpxml`; absent where no image is known of. */
  readonly saved?: Fact<string>;
  /** libvirt's taints as `virsh dominfo` lists them; absent where the domain does not run, or virsh does not tell. */
  readonly taints?: Fact<readonly string[]>;
}
