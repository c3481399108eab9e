/**
 * How an experiment came out. `inconclusive` is not a refusal: the experiment itself could not be made, as on a nested
 * host that never executes the instruction.
 */
export interface Proof {
  readonly verdict: 'proven' | 'refused' | 'inconclusive';
  /** What showed it, in one sentence without a full stop, with the kernel's own reason for a refusal. */
  readonly because: string;
}

/** What this host's KVM offers to guests, by asking it and by trying it out in a virtual machine of a few milliseconds. */
export interface KvmProbe {
  readonly capabilities: KvmCapabilities;
  /** Whether a new guest's kvm-clock is marked as TSC-stable; null where the architecture has no kvm-clock. */
  readonly stableKvmclock: Proof | null;
  /** Whether a guest's ptp_kvm gets the host's time. */
  readonly clockPairing: Proof;
  readonly measurements: KvmMeasurements;
}

/** What KVM says that it can do; it says nothing of what it does now. */
export interface KvmCapabilities {
  readonly apiVersion: number;
  /** The flags that `KVM_GET_CLOCK` may return: `tsc-stable`, `realtime`, `host-tsc`. */
  readonly clockFlags: readonly string[];
  /** Whether a guest's TSC can be scaled to another frequency (`KVM_CAP_TSC_CONTROL`). */
  readonly tscScaling: boolean;
  /** `KVM_GET_TSC_KHZ` of a new vCPU; null where there is none. */
  readonly tscHz: number | null;
  /**
   * The paravirtual features that concern time. On x86 those of CPUID leaf 0x40000001: `clocksource`, `clocksource2`,
   * `clocksource-stable`; on ARM the hypervisor's services: `features`, `ptp`.
   */
  readonly paravirtualFeatures: readonly string[];
  /** Whether a guest can be given an invariant TSC (CPUID 0x80000007, bit 8). */
  readonly invariantTsc: boolean;
  /** Whether Hyper-V's reference time is offered (`KVM_CAP_HYPERV_TIME`). */
  readonly hypervTime: boolean;
}

/** What was seen while trying. Names of flags as in {@link KvmCapabilities}. */
export interface KvmMeasurements {
  /** `KVM_GET_CLOCK` after `KVM_SET_CLOCK` on our own virtual machine; null on ARM. */
  readonly clockFlags: readonly string[] | null;
  /** The flags of the pvclock page after the guest ran one instruction; null where it did not run, or on ARM. */
  readonly pvclockFlags: readonly string[] | null;
  /** How the clock pairing call ended: `0`, `-95 EOPNOTSUPP`, or what kept it from being executed. */
  readonly hypercall: string;
  /** The time that the call gave lay inside the bracket of CLOCK_REALTIME around it, which was that wide. */
  readonly bracketSeconds: number | null;
  /** How long all of it took inside the child process. */
  readonly tookSeconds: number;
}

/** The flags that `KVM_GET_CLOCK` sets together, once the host's time and TSC were read at one moment. */
const PAIRED = ['realtime', 'host-tsc'];

/**
 * Whether KVM could read its own host's time and TSC at one moment, as `KVM_GET_CLOCK` tells since Linux 5.16. The
 * clock pairing call needs the same reading to succeed, so this shows what the call would come to where it cannot be
 * made. Null where the kernel does not tell.
 * @see `get_kvmclock` and `kvm_pv_clock_pairing` of arch/x86/kvm/x86.c in the kernel: both rest on `kvm_get_walltime_and_clockread`
 */
export function pairsClocks({ capabilities, measurements }: KvmProbe): boolean | null {
  const { clockFlags } = measurements;
  if (clockFlags === null || !PAIRED.every((flag) => capabilities.clockFlags.includes(flag))) return null;
  return PAIRED.every((flag) => clockFlags.includes(flag));
}
