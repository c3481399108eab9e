import type { Proof } from '../facts/kvmProbe.js';

/** How an attempt at the clock pairing call ended. */
export type PairingAttempt =
  /** The call came back with a result. Times in nanoseconds since 1970. */
  | {
      readonly answered: true;
      readonly result: number;
      /** What the kernel gave; null where it wrote nothing. */
      readonly timeNanoseconds: bigint | null;
      /** CLOCK_REALTIME right before and after. */
      readonly startNanoseconds: bigint;
      readonly endNanoseconds: bigint;
    }
  /** The guest's instruction was not executed, or not as a call. */
  | { readonly answered: false; readonly how: string };

/** What came of it, as the facts have it. */
export interface PairingVerdict {
  readonly proof: Proof;
  readonly hypercall: string;
  readonly bracketSeconds: number | null;
}

/** What an architecture's kernel means by the numbers that refuse the call. */
export type Refusals = Readonly<Record<number, readonly [name: string, meaning: string]>>;

/**
 * `KVM_E…` as a guest gets them.
 * @see include/uapi/linux/kvm_para.h and `kvm_pv_clock_pairing` of arch/x86/kvm/x86.c in the kernel
 */
export const X86_REFUSALS: Refusals = {
  [-95]: [
    'EOPNOTSUPP',
    "the host's clocksource is not based on the TSC, or guests' TSCs are always caught up",
  ],
  [-1000]: ['ENOSYS', 'this kernel has no such call'],
  [-22]: ['EINVAL', 'this kernel does not pair the wall clock'],
};

/**
 * SMCCC_RET_NOT_SUPPORTED, the one refusal there is.
 * @see `kvm_ptp_get_time` of arch/arm64/kvm/hypercalls.c in the kernel
 */
export const ARM_REFUSALS: Refusals = {
  [-1]: [
    'NOT_SUPPORTED',
    "the host's clocksource is not arch_sys_counter, or this kernel does not offer the call",
  ],
};

/**
 * Judges an attempt. A result of 0 alone proves nothing, since a call that was skipped may look the same: the time
 * must have been written, and lie between the two readings of the host's clock around the call.
 */
export function pairingVerdict(attempt: PairingAttempt, refusals: Refusals): PairingVerdict {
  if (!attempt.answered) {
    const because = `the call was not executed (${attempt.how})`;
    return inconclusive(because, `not executed: ${attempt.how}`);
  }
  const { result, timeNanoseconds: time, startNanoseconds, endNanoseconds } = attempt;
  if (result !== 0) {
    const known = refusals[result];
    const hypercall = known ? `${result} ${known[0]}` : String(result);
    if (!known) return inconclusive(`the call came back with ${result}, which is no answer to it`, hypercall);
    return {
      proof: { verdict: 'refused', because: `the call came back with ${hypercall}: ${known[1]}` },
      hypercall,
      bracketSeconds: null,
    };
  }
  if (time === null) return inconclusive('the call came back with 0, but no time', '0');
  if (time < startNanoseconds || time > endNanoseconds) {
    const because = "the call gave a time that was not the host's at that moment, as when its clock is set";
    return inconclusive(because, '0');
  }
  return {
    proof: { verdict: 'proven', because: "a guest got the host's time by the call" },
    hypercall: '0',
    bracketSeconds: Number(endNanoseconds - startNanoseconds) / 1e9,
  };
}

function inconclusive(because: string, hypercall: string): PairingVerdict {
  return { proof: { verdict: 'inconclusive', because }, hypercall, bracketSeconds: null };
}
