import type { EffectiveClock } from './clock.js';

/** The guest operating system as far as the host can tell. */
export interface GuestOs {
  readonly family: 'windows' | 'linux' | 'bsd' | 'solaris' | 'dos' | 'other' | 'unknown';
  readonly confidence: 'strong' | 'medium' | 'weak' | 'none';
  /** What the verdict rests on, such as `libosinfo id http://microsoft.com/win/11`. */
  readonly evidence: string;
}

/** The management layer that writes a domain's definition, and will write it again. */
export interface Owner {
  readonly kind: 'nova' | 'ovirt' | 'kubevirt' | 'libosinfo' | 'none';
  /** How an operator names that layer. */
  readonly label: string;
  /** nova's display name of the instance. Chosen by a tenant: not to be trusted. */
  readonly instanceName?: string;
  readonly flavor?: string;
  readonly project?: string;
  /** What makes the layer write the definition anew, undoing an edit of the XML. */
  readonly rewrittenBy?: string;
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
  readonly owner: Owner;
  readonly effectiveClock: EffectiveClock;
  /** Why libvirt's QEMU driver would refuse this definition; empty when it would take it. */
  readonly rejections: readonly string[];
}
