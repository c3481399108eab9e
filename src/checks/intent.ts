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
  | { readonly kind: 'delete-kvmclock-timer' };
