import type { Shape } from './shape.js';

const PROOF: Shape = {
  verdict: { $oneOf: [{ $is: 'proven' }, { $is: 'refused' }, { $is: 'inconclusive' }] },
  because: 'string',
};

/** What a probe looks like when it comes from a file or from another process. */
export const KVM_PROBE: Shape = {
  capabilities: {
    apiVersion: 'number',
    clockFlags: ['string'],
    tscScaling: 'boolean',
    tscHz: { $nullable: 'number' },
    paravirtualFeatures: ['string'],
    invariantTsc: 'boolean',
    hypervTime: 'boolean',
  },
  stableKvmclock: { $nullable: PROOF },
  clockPairing: PROOF,
  measurements: {
    clockFlags: { $nullable: ['string'] },
    pvclockFlags: { $nullable: ['string'] },
    hypercall: 'string',
    bracketSeconds: { $nullable: 'number' },
    tookSeconds: 'number',
  },
};
