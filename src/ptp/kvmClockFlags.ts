/**
 * The flags of `struct kvm_clock_data`: kvm-clock is marked as TSC-stable, and the structure holds the host's real time
 * and its TSC, both taken at the moment of the clock's own value.
 * @see Documentation/virt/kvm/api.rst in the kernel, KVM_GET_CLOCK
 */
const CLOCK_FLAGS: readonly (readonly [number, string])[] = [
  [2, 'tsc-stable'],
  [4, 'realtime'],
  [8, 'host-tsc'],
];

/** `PVCLOCK_…`, see the kernel's arch/x86/include/asm/pvclock-abi.h */
const PVCLOCK_FLAGS: readonly (readonly [number, string])[] = [
  [1, 'tsc-stable'],
  [2, 'guest-stopped'],
];

/** The features of CPUID leaf 0x40000001, see the kernel's Documentation/virt/kvm/x86/cpuid.rst */
const PARAVIRTUAL_FEATURES: readonly (readonly [number, string])[] = [
  [1 << 0, 'clocksource'],
  [1 << 3, 'clocksource2'],
  [1 << 24, 'clocksource-stable'],
];

const names = (value: number, flags: readonly (readonly [number, string])[]) =>
  flags.filter(([bit]) => (value & bit) !== 0).map(([, name]) => name);

/** The names of the flags of `KVM_GET_CLOCK`, or of what `KVM_CAP_ADJUST_CLOCK` says that there may be. */
export const clockFlagNames = (flags: number) => names(flags, CLOCK_FLAGS);

/** The names of the flags of a pvclock page. */
export const pvclockFlagNames = (flags: number) => names(flags, PVCLOCK_FLAGS);

/** The names of the paravirtual features that concern time. */
export const paravirtualFeatureNames = (features: number) => names(features, PARAVIRTUAL_FEATURES);
