/**
 * What should change in a definition, without saying how its text changes: the same intent may touch a
 * `<timer>`, a `qemu:arg` or both.
 */
export type Intent =
  | { readonly kind: 'set-clock-offset'; readonly offset: 'utc' | 'localtime' }
  /** QEMU shall not be started with a time zone of its own. */
  | { readonly kind: 'drop-time-zone-variable' }
  /** The RTC shall follow the host's real time. */
  | { readonly kind: 'follow-host-time' }
  | { readonly kind: 'enable-kvmclock' }
  /** A kvmclock timer where the architecture has no kvm-clock. */
  | { readonly kind: 'delete-kvmclock-timer' }
  /** A frequency of the TSC where the architecture has no TSC. */
  | { readonly kind: 'drop-tsc-frequency' }
  | { readonly kind: 'disable-hpet' }
  /** The Hyper-V reference time, `hv-time`. */
  | { readonly kind: 'enable-hypervclock' }
  /** Hyper-V enlightenments, by libvirt's element names, in the order in which they build on each other. */
  | { readonly kind: 'enable-enlightenments'; readonly names: readonly string[] }
  /** The TSC's frequency is part of what a migration promises. */
  | { readonly kind: 'set-tsc-frequency'; readonly frequencyHz: number }
  /** The virtio channel of the guest agent. */
  | { readonly kind: 'add-agent-channel' };
