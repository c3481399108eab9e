/**
 * What the guest really gets, after libvirt and QEMU have merged everything that has a say: the first `rtc`
 * timer, the last `kvmclock` timer, `qemu:commandline`, `TZ`. Judge this, never an attribute.
 */
export interface EffectiveClock {
  readonly rtc: EffectiveRtc;
  /**
   * Whether the guest can discover kvm-clock: `on`; `off` (switched off for this guest); `hidden` (KVM's whole
   * CPUID signature is off, or the `hypervisor` bit without which a guest looks for none); `inert` (the accelerator
   * has none, as with TCG); `not-applicable` (not x86).
   */
  readonly kvmclock: 'on' | 'off' | 'hidden' | 'inert' | 'not-applicable';
  /** The attribute or argument that decided `kvmclock`, for the report. */
  readonly kvmclockDecidedBy: string;
  /** What the arguments in force say of kvmclock, whether or not it has an effect here; null for nothing. */
  readonly kvmclockAsked: 'on' | 'off' | null;
  /** The Hyper-V reference time (`hv-time`). */
  readonly hvTime: 'on' | 'off' | 'inert' | 'not-applicable';
  readonly hvTimeDecidedBy: string;
  /**
   * The Hyper-V enlightenments that QEMU is asked for, by its property names without `hv-`, sorted: `stimer`,
   * `stimer-direct`, `synic`, `vpindex`. Without `time`, which is `hvTime`. None where the CPU's `hypervisor` bit is
   * off, since no guest looks for them then.
   */
  readonly enlightenments: readonly string[];
  /** True when QEMU is asked for every enlightenment that the host has (`hv-passthrough`). */
  readonly hvPassthrough: boolean;
  /**
   * Only the pc and q35 machines have one. Without a word from libvirt QEMU's default is `on`; that of a vendor's
   * machine type (`pc-q35-rhel9.2.0`) is `unknown`.
   */
  readonly hpet: 'on' | 'off' | 'unknown' | 'not-applicable';
  readonly hpetDecidedBy: string;
  /** What KVM's in-kernel PIT does with ticks that came too late; null where there is none. */
  readonly pitLostTickPolicy: 'delay' | 'discard' | null;
  readonly pitDecidedBy: string;
  /** The TSC frequency that the guest is promised, in Hz; null when the host's is used. */
  readonly tscFrequencyHz: number | null;
  /** Whether the invariant TSC flag was set by name; null when the CPU mode decides. */
  readonly invtsc: boolean | null;
  /** The CPU property `migratable`, which host-passthrough has; null where nothing says it. */
  readonly migratable: boolean | null;
  /** Whether the ARM virtual counter stops while the guest is paused; null off ARM's KVM `virt` machine. */
  readonly armVirtualCounterStopsOnPause: boolean | null;
  /** The time zone that QEMU is started with, when one is named. */
  readonly tz: string | null;
  /** What names it: the `<clock>` or `qemu:env TZ`. */
  readonly tzDecidedBy: string | null;
  /**
   * What the QEMU driver's own elements say about any of the above, such as `qemu:arg -rtc base=localtime`,
   * `qemu:env TZ=UTC` or `qemu:capabilities del no-hpet`. Each once, and no more than a hundred of them.
   */
  readonly overrides: readonly string[];
  /** True when the command line asks for record/replay or `-icount`, where a guest-time RTC is deliberate. */
  readonly recordReplay: boolean;
  /**
   * The time-related QEMU arguments that the definition comes to, in libvirt's spelling; those of the process where
   * `readFrom` says so.
   */
  readonly qemuArgs: readonly string[];
  /**
   * What all of this was read from: the command line of the running QEMU (`process`) or what libvirt makes of the
   * definition.
   */
  readonly readFrom: 'process' | 'definition';
}

/** The emulated real-time clock. */
export interface EffectiveRtc {
  /** False where the machine has none: s390x, and microvm under KVM. */
  readonly present: boolean;
  /** What the RTC is set to when QEMU starts. */
  readonly base: 'utc' | 'localtime' | 'datetime';
  /** What makes it advance: the host's real time, its monotonic time, or the guest's virtual time. */
  readonly clock: 'host' | 'rt' | 'vm';
  readonly driftfix: 'none' | 'slew';
  readonly driftfixDecidedBy: string;
  /**
   * With `offset='variable'`: how far the RTC starts ahead of `variableBasis`, in seconds.
   * Null with every other offset.
   */
  readonly adjustmentSeconds: number | null;
  readonly variableBasis: 'utc' | 'localtime' | null;
  /** With a fixed date: the instant in seconds since 1970 that every start returns to. Null otherwise. */
  readonly startSeconds: number | null;
  /** What decided `base`, such as `clock offset='utc'` or `qemu:arg -rtc base=localtime`. */
  readonly baseDecidedBy: string;
  /** What decided `clock`. */
  readonly clockDecidedBy: string;
}
