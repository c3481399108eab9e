import type { Proof } from '../facts/kvmProbe.js';

/** What a new virtual machine of ours showed, by the names of flags. */
export interface StableEvidence {
  /** What `KVM_GET_CLOCK` may return on this kernel. */
  readonly offered: readonly string[];
  /** What it returned. */
  readonly clockFlags: readonly string[];
  /** What the guest's pvclock page held; null where it was not filled in. */
  readonly pvclockFlags: readonly string[] | null;
}

const STABLE = 'tsc-stable';
const NOT_STABLE =
  "the host's clocksource is not based on the TSC, or a CPU's TSC went backwards since the host was started";

/**
 * Judges whether a new guest's kvm-clock is TSC-stable. The kernel keeps one flag for the virtual machine, which
 * `KVM_GET_CLOCK` and the page both show.
 * @see `pvclock_update_vm_gtod_copy` and `kvm_guest_time_update` of arch/x86/kvm/x86.c in the kernel
 */
export function stableVerdict({ offered, clockFlags, pvclockFlags }: StableEvidence): Proof {
  const byClock = offered.includes(STABLE) ? clockFlags.includes(STABLE) : null;
  const byPage = pvclockFlags === null ? null : pvclockFlags.includes(STABLE);
  if (byClock === null && byPage === null) {
    const because =
      "this kernel's KVM_GET_CLOCK has no such flag, and the guest's pvclock page was not filled in";
    return { verdict: 'inconclusive', because };
  }
  if (byClock !== null && byPage !== null && byClock !== byPage) {
    const because = `KVM_GET_CLOCK says ${word(byClock)}, the guest's pvclock page says ${word(byPage)}`;
    return { verdict: 'inconclusive', because };
  }
  const by = [
    ...(byClock === null ? [] : ['KVM_GET_CLOCK']),
    ...(byPage === null ? [] : ["the guest's pvclock page"]),
  ].join(' and ');
  return (byClock ?? byPage)
    ? { verdict: 'proven', because: `${by} said so for a new guest` }
    : { verdict: 'refused', because: `${by} did not say so for a new guest: ${NOT_STABLE}` };
}

function word(stable: boolean): string {
  return stable ? 'stable' : 'not stable';
}
