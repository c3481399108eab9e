import type { DomainFacts } from '../../facts/domain.js';
import type { Facts } from '../../facts/facts.js';
import type { Policy } from '../../policy/policy.js';
import { patchDomain } from '../../remediation/domainPatch.js';
import { libvirtVersions, situationOf } from '../situation.js';
import { type OwnedPatch, ownedPatch } from './ownedPatch.js';
import { patchContexts, type WantedChecks } from './patchContext.js';
import { type ProvenPatch, proveAll } from './schemaProof.js';

/** What remediation has to say about one domain, proven as far as that goes on this machine. */
export type PlannedPatch = ProvenPatch<OwnedPatch>;

/** What to patch, and from which texts. */
export interface PatchWishes {
  readonly only?: WantedChecks;
  /** Reads the definitions that are to be patched once more, with passwords. */
  readonly complete?: (domains: readonly DomainFacts[]) => Promise<ReadonlyMap<DomainFacts, DomainFacts>>;
}

/** The patches for all domains of an audit, also those without one; what is waived is left as it is. */
export async function planPatches(
  facts: Facts,
  policy: Policy,
  { only = null, complete }: PatchWishes = {},
): Promise<PlannedPatch[]> {
  const plan = planner(facts, policy, only);
  const plans = facts.domains.map((domain) => ({ domain, patch: plan(domain) }));
  const patched = plans.filter(({ patch }) => patch.made !== null).map(({ domain }) => domain);
  const completed = await complete?.(patched);
  return proveAll(
    plans.map(({ domain, patch }) => {
      const again = completed?.get(domain);
      return again ? plan(again) : patch;
    }),
  );
}

function planner(facts: Facts, policy: Policy, only: WantedChecks): (domain: DomainFacts) => OwnedPatch {
  const versionFor = libvirtVersions(facts);
  const contextOf = patchContexts(facts, policy, only);
  return (domain) => {
    const { inactive, live } = situationOf(domain, versionFor(domain), policy).definitions;
    const fact = inactive ?? live;
    const next = fact?.known ? fact.value : null;
    const context = contextOf(domain);
    return ownedPatch(patchDomain(domain, next, context), next, context);
  };
}
