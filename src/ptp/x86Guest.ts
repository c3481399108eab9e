/** Where things lie in the guest's 64 KiB, from physical address 0. */
const CODE = 0x1000;
const HANDLERS = 0x1100;
const PVCLOCK_PAGE = 0x2000;
const PAIRING = 0x3000;
const INTERRUPT_TABLE = 0x4000;
const DESCRIPTOR_TABLE = 0x5000;
const STACK = 0xf000;

export const X86_MEMORY_BYTES = 0x10000;

const HLT = 0xf4;
const VECTORS = 32;
const CODE_SELECTOR = 8;
const DATA_SELECTOR = 16;
/** What no kernel writes as a time: the pairing was not filled in. */
const UNTOUCHED = 0xee;
const PAIRING_BYTES = 64;
const MSR_SYSTEM_TIME_NEW = 0x4b564d01;
const HYPERCALL_CLOCK_PAIRING = 9n;

/** `hlt`, which makes the kernel fill in the pvclock page before it comes back. */
export const HALT: readonly number[] = [HLT];

/**
 * `vmmcall; hlt` for AMD's and Hygon's CPUs, `vmcall; hlt` for the others. KVM rewrites the wrong one, or lets it fail.
 * @param vendor - as CPUID leaf 0 spells it
 */
export function pairingCode(vendor: string): readonly number[] {
  return [0x0f, 0x01, /AMD|Hygon/.test(vendor) ? 0xd9 : 0xc1, HLT];
}

/**
 * Writes the tables of flat 32-bit protected mode. Every exception ends in a `hlt` of its own address, so that it
 * is told from a result, and never becomes a triple fault, which some kernels log.
 */
export function writeTables(memory: Buffer): void {
  memory.writeBigUInt64LE(0x00cf9b000000ffffn, DESCRIPTOR_TABLE + CODE_SELECTOR);
  memory.writeBigUInt64LE(0x00cf93000000ffffn, DESCRIPTOR_TABLE + DATA_SELECTOR);
  for (let vector = 0; vector < VECTORS; vector++) {
    const gate = INTERRUPT_TABLE + 8 * vector;
    memory.writeUInt16LE(HANDLERS + vector, gate);
    memory.writeUInt16LE(CODE_SELECTOR, gate + 2);
    memory.writeUInt16LE(0x8e00, gate + 4);
    memory.writeUInt8(HLT, HANDLERS + vector);
  }
}

/** Turns a new vCPU's `struct kvm_sregs` into flat 32-bit protected mode without paging. */
export function enterProtectedMode(sregs: Buffer): void {
  const segment = (index: number, selector: number, type: number) => {
    const at = 24 * index;
    sregs.writeBigUInt64LE(0n, at);
    sregs.writeUInt32LE(0xffffffff, at + 8);
    sregs.writeUInt16LE(selector, at + 12);
    // type, present, dpl, db, s, l, g, avl, unusable
    for (const [offset, value] of [type, 1, 0, 1, 1, 0, 1, 0, 0].entries()) {
      sregs.writeUInt8(value, at + 14 + offset);
    }
  };
  segment(0, CODE_SELECTOR, 11);
  for (let index = 1; index < 6; index++) segment(index, DATA_SELECTOR, 3);
  sregs.writeBigUInt64LE(BigInt(DESCRIPTOR_TABLE), 192);
  sregs.writeUInt16LE(DATA_SELECTOR + 7, 200);
  sregs.writeBigUInt64LE(BigInt(INTERRUPT_TABLE), 208);
  sregs.writeUInt16LE(8 * VECTORS - 1, 216);
  // CR0: protection enabled, and the x87 type bit that is always set.
  sregs.writeBigUInt64LE(sregs.readBigUInt64LE(224) | 0x11n, 224);
}

/** `struct kvm_msrs` that switches the pvclock page on, as a Linux guest does. */
export function pvclockMsr(): Buffer {
  const msrs = Buffer.alloc(24);
  msrs.writeUInt32LE(1, 0);
  msrs.writeUInt32LE(MSR_SYSTEM_TIME_NEW, 8);
  msrs.writeBigUInt64LE(BigInt(PVCLOCK_PAGE | 1), 16);
  return msrs;
}

/** Puts code in place, and says in `struct kvm_regs` where to begin, with the arguments of the pairing call. */
export function writeCode(memory: Buffer, code: readonly number[]): Buffer {
  memory.set(code, CODE);
  memory.fill(UNTOUCHED, PAIRING, PAIRING + PAIRING_BYTES);
  const regs = Buffer.alloc(144);
  const values: readonly (readonly [offset: number, value: bigint])[] = [
    [0, HYPERCALL_CLOCK_PAIRING],
    [8, BigInt(PAIRING)],
    // RCX: KVM_CLOCK_PAIRING_WALLCLOCK
    [16, 0n],
    [48, BigInt(STACK)],
    [128, BigInt(CODE)],
    // RFLAGS: the bit that is always set.
    [136, 2n],
  ];
  for (const [offset, value] of values) regs.writeBigUInt64LE(value, offset);
  return regs;
}

/** What `struct kvm_regs` tells after a run that ended in a `hlt`. */
export interface Halted {
  /** EAX, signed. */
  readonly result: number;
  /** The number of the exception that led there, such as 6 for an invalid opcode; null for none. */
  readonly exception: number | null;
}

/** Reads where a run ended. */
export function readHalted(regs: Buffer): Halted {
  const after = Number(regs.readBigUInt64LE(128)) - 1 - HANDLERS;
  return {
    result: regs.readInt32LE(0),
    exception: after >= 0 && after < VECTORS ? after : null,
  };
}

/** The flags of the pvclock page; null while the kernel has not filled it in. */
export function readPvclockFlags(memory: Buffer): number | null {
  const version = memory.readUInt32LE(PVCLOCK_PAGE);
  // An odd version means that it is being written.
  return version === 0 || version % 2 === 1 ? null : memory.readUInt8(PVCLOCK_PAGE + 29);
}

/**
 * The time in `struct kvm_clock_pairing`.
 * @returns nanoseconds since 1970, or null where the kernel wrote nothing
 */
export function readPairing(memory: Buffer): bigint | null {
  const pairing = memory.subarray(PAIRING, PAIRING + PAIRING_BYTES);
  if (pairing.every((byte) => byte === UNTOUCHED)) return null;
  return pairing.readBigInt64LE(0) * 1_000_000_000n + pairing.readBigInt64LE(8);
}
