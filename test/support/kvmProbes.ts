import type { KvmProbe, Proof } from '../../src/facts/kvmProbe.js';

export const PROVEN: Proof = { verdict: 'proven', because: 'it was seen' };
export const REFUSED: Proof = { verdict: 'refused', because: 'the kernel said no' };
export const INCONCLUSIVE: Proof = { verdict: 'inconclusive', because: 'it was not executed' };

export const ALL_CLOCK_FLAGS = ['tsc-stable', 'realtime', 'host-tsc'];

/** A probe of an x86 host that offers everything, with some of it replaced. */
export function kvmProbe(
  members: Partial<Pick<KvmProbe, 'stableKvmclock' | 'clockPairing'>> & {
    /** What `KVM_GET_CLOCK` may return. */
    offered?: readonly string[];
    /** What it returned. */
    clockFlags?: readonly string[] | null;
  } = {},
): KvmProbe {
  const { stableKvmclock = PROVEN, clockPairing = PROVEN } = members;
  const { offered = ALL_CLOCK_FLAGS, clockFlags = ALL_CLOCK_FLAGS } = members;
  return {
    capabilities: {
      apiVersion: 12,
      clockFlags: offered,
      tscScaling: false,
      tscHz: 2_600_000_000,
      paravirtualFeatures: ['clocksource', 'clocksource2', 'clocksource-stable'],
      invariantTsc: true,
      hypervTime: true,
    },
    stableKvmclock,
    clockPairing,
    measurements: {
      clockFlags,
      pvclockFlags: ['tsc-stable'],
      hypercall: '0',
      bracketSeconds: 0.000_02,
      tookSeconds: 0.004,
    },
  };
}
