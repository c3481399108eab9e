/**
 * The 64 KiB of guest memory lie where ARM's virtual machines have theirs; code begins a page in.
 */
export const ARM_MEMORY_BASE = 0x40000000n;
export const ARM_MEMORY_BYTES = 0x10000;
const CODE_OFFSET = 0x1000;
export const ARM_CODE_ADDRESS = ARM_MEMORY_BASE + BigInt(CODE_OFFSET);
/** Nothing is there, so that a store to it comes back to us. */
export const ARM_UNMAPPED_ADDRESS = 0x09000000n;

const HVC_0 = 0xd4000002;
/** `str w0, [x9]`. ARM has no exit for an idle vCPU: WFI would block. */
const STR_W0_X9 = 0xb9000120;

/** Writes `hvc #0; str w0, [x9]`. */
export function writeArmCode(memory: Buffer): void {
  memory.writeUInt32LE(HVC_0, CODE_OFFSET);
  memory.writeUInt32LE(STR_W0_X9, CODE_OFFSET + 4);
}

/** `KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE`, whose numbers count 32-bit words of `struct kvm_regs`. */
const CORE = 0x6030000000100000n;

/** The id of a general register, X0 to X30. */
export const armRegister = (number: number) => CORE + 2n * BigInt(number);
export const ARM_PC = CORE + 0x40n;
/**
 * Which of the hypervisor's own services a guest is offered; since Linux 6.0.
 * @see Documentation/virt/kvm/arm/fw-pseudo-registers.rst in the kernel
 */
export const ARM_VENDOR_SERVICES = 0x6030000000160002n;

/** The bits of {@link ARM_VENDOR_SERVICES}, and of what {@link ARM_FEATURES_CALL} returns. */
const SERVICES: readonly (readonly [bit: bigint, name: string])[] = [
  [1n, 'features'],
  [2n, 'ptp'],
];

/** The names of the services that concern time, and of the call that lists them. */
export function armServiceNames(bitmap: bigint): string[] {
  return SERVICES.filter(([bit]) => (bitmap & bit) !== 0n).map(([, name]) => name);
}

/** `ARM_SMCCC_VENDOR_HYP_KVM_FEATURES_FUNC_ID`, see include/linux/arm-smccc.h in the kernel. */
export const ARM_FEATURES_CALL = 0x86000000n;
/** `ARM_SMCCC_VENDOR_HYP_KVM_PTP_FUNC_ID`; its first argument is the counter. */
export const ARM_PTP_CALL = 0x86000001n;
export const ARM_COUNTERS = { virtual: 0n, physical: 1n } as const;

/**
 * `struct kvm_vcpu_init` with `KVM_ARM_VCPU_PSCI_0_2`, without which hypercalls of this kind are not answered.
 * @param preferred - what `KVM_ARM_PREFERRED_TARGET` gave; changed
 */
export function withPsci(preferred: Buffer): Buffer {
  preferred.writeUInt32LE(preferred.readUInt32LE(4) | (1 << 2), 4);
  return preferred;
}

/** What the call left in X0 to X3, of which only the lower halves count. */
export interface ArmAnswer {
  /** 0, or the refusal as a signed number. */
  readonly result: number;
  /** Nanoseconds since 1970; null for a refusal. */
  readonly timeNanoseconds: bigint | null;
}

/**
 * Reads the answer to {@link ARM_PTP_CALL}: X0 and X1 are the halves of the time, X2 and X3 those of the counter.
 * @see Documentation/virt/kvm/arm/ptp_kvm.rst in the kernel
 */
export function readArmPairing(x0: bigint, x1: bigint): ArmAnswer {
  const high = BigInt.asUintN(32, x0);
  const result = Number(BigInt.asIntN(32, x0));
  // A time has its upper bit clear for some centuries to come; refusals are negative.
  if (result < 0) return { result, timeNanoseconds: null };
  return { result: 0, timeNanoseconds: (high << 32n) | BigInt.asUintN(32, x1) };
}
