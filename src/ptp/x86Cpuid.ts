const HEAD_BYTES = 8;
const ENTRY_BYTES = 40;
const MOST_ENTRIES = 256;

/** The registers of one CPUID leaf. */
export interface CpuidLeaf {
  readonly eax: number;
  readonly ebx: number;
  readonly ecx: number;
  readonly edx: number;
}

/**
 * An empty `struct kvm_cpuid2` with room for more leaves than any kernel gives; with too little, the kernel fails
 * with E2BIG.
 */
export function cpuidBuffer(): Buffer {
  const buffer = Buffer.alloc(HEAD_BYTES + ENTRY_BYTES * MOST_ENTRIES);
  buffer.writeUInt32LE(MOST_ENTRIES, 0);
  return buffer;
}

/** The leaves of a `struct kvm_cpuid2`, by number; of those with several indices the first. */
export function cpuidLeaves(cpuid: Buffer): ReadonlyMap<number, CpuidLeaf> {
  const leaves = new Map<number, CpuidLeaf>();
  const count = Math.min(cpuid.readUInt32LE(0), MOST_ENTRIES);
  for (let entry = 0; entry < count; entry++) {
    const at = HEAD_BYTES + ENTRY_BYTES * entry;
    const leaf = cpuid.readUInt32LE(at);
    if (leaves.has(leaf)) continue;
    const [eax, ebx, ecx, edx] = [12, 16, 20, 24].map((offset) => cpuid.readUInt32LE(at + offset));
    leaves.set(leaf, { eax: eax ?? 0, ebx: ebx ?? 0, ecx: ecx ?? 0, edx: edx ?? 0 });
  }
  return leaves;
}

/** The CPU's maker as leaf 0 spells it, such as `AuthenticAMD`. */
export function cpuVendor(leaves: ReadonlyMap<number, CpuidLeaf>): string {
  const leaf = leaves.get(0);
  const name = Buffer.alloc(12);
  for (const [index, register] of [leaf?.ebx, leaf?.edx, leaf?.ecx].entries()) {
    name.writeUInt32LE(register ?? 0, 4 * index);
  }
  return name.toString('latin1').replace(/\0+$/, '');
}
