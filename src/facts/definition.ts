import type { EffectiveClock } from './clock.js';

/** The guest operating system as far as the host can tell. */
export interface GuestOs {
  readonly family: 'windows' | 'linux' | 'bsd' | 'solaris' | 'dos' | 'other' | 'unknown';
  readonly confidence: 'strong' | 'medium' | 'weak' | 'none';
  /** What the verdict rests on, such as `libosinfo id http://microsoft.com/win/11`. */
  readonly evidence: string;
  /** True when an operator said that the guest reads its RTC as UTC, whatever its family does. */
  readonly rtcIsUtc?: true;
}

/** The management layer that writes a domain's definition, and will write it again. */
export interface Owner {
  readonly kind: 'nova' | 'ovirt' | 'kubevirt' | 'libosinfo' | 'none';
  /** How an operator names that layer. */
  readonly label: string;
  /** nova's display name of the instance. Chosen by a tenant: not to be trusted. */
  readonly instanceName?: string;
  readonly flavor?: string;
  /** nova's id of the flavour, which no other flavour has; written since nova's 2025.2 release. */
  readonly flavorId?: string;
  /** Extra specs of the flavour that nova wrote down, by name, since the same release. */
  readonly flavorExtraSpecs?: Readonly<Record<string, string>>;
  /** Glance's UUID of the image that the instance was made from; absent where it boots from a volume. */
  readonly imageUuid?: string;
  /** nova's name of the owning project. Chosen by a tenant: not to be trusted. */
  readonly project?: string;
  readonly projectUuid?: string;
  /** Image properties that nova wrote down, by name. Chosen by a tenant: not to be trusted. */
  readonly imageProperties?: Readonly<Record<string, string>>;
  /** What makes the layer write the definition anew, undoing an edit of the XML. */
  readonly rewrittenBy?: string;
}

/** Something in a `<clock>` that libvirt or QEMU does not look at. */
export interface IgnoredSetting {
  /** As written: `timer rtc present='no'`. */
  readonly setting: string;
  readonly because: string;
  /** True when it contradicts what is in force, so that the author wanted something else than what the guest has. */
  readonly contradicts: boolean;
}

/**
 * A domain definition reduced to what decides the guest's clock.
 * @see {@link https://libvirt.org/formatdomain.html#time-keeping}
 */
export interface DomainDefinition {
  readonly name: string;
  readonly uuid?: string;
  /** The `type` attribute: `kvm`, `qemu` (TCG), `hvf`, `xen`, … */
  readonly virtType: string;
  /** `os/type/@arch`, absent only in hand-written files. */
  readonly arch?: string;
  readonly machine?: string;
  readonly guestOs: GuestOs;
  /** What people hide a hypervisor from guests for, as far as it shows: one phrase each. */
  readonly hiddenFor: readonly string[];
  readonly owner: Owner;
  readonly effectiveClock: EffectiveClock;
  /** What the definition alone comes to, where `effectiveClock` is that of the running QEMU. */
  readonly definedClock?: EffectiveClock;
  /** The `mode` of `<cpu>`, such as `host-passthrough`; null without one. */
  readonly cpuMode: string | null;
  /** The channel of the guest agent; only the definition of a running domain tells whether anybody listens. */
  readonly agentChannel: 'absent' | 'configured' | 'connected' | 'disconnected';
  /** What is written about the clock and has no effect. */
  readonly ignored: readonly IgnoredSetting[];
  /** The names of timers that belong to another architecture and have no effect on this one. */
  readonly foreignTimers: readonly string[];
  /**
   * Where the running QEMU's arguments differ from what its definition comes to; empty where they do not, and
   * where no process was read.
   */
  readonly processDifferences: readonly string[];
  /** Why libvirt's QEMU driver would refuse this definition; empty when it would take it. */
  readonly rejections: readonly string[];
}
