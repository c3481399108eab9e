import type { DefinitionChange } from '../../apply/definitionChange.js';
import { DOMAIN_CHECKS } from '../../checks/registry.js';
import type { DomainFacts } from '../../facts/domain.js';
import type { Facts } from '../../facts/facts.js';
import type { Policy } from '../../policy/policy.js';
import { diffForm } from '../../remediation/forms/diff.js';
import { type PatchContext, planPatch } from '../../remediation/patch.js';
import { isLocal } from '../hostWanted.js';
import { patchContexts } from '../patching/patchContext.js';
import { type PlannedPatch, planPatches } from '../patching/patches.js';
import type { Undertaking } from './changeDefinitions.js';
import type { ReviewedPatches } from './reviewedPatches.js';

/** What is to be done about one domain, or why nothing is. */
export type DomainPlan =
  | { readonly kind: 'undertaking'; readonly undertaking: Undertaking }
  | { readonly kind: 'settled'; readonly change: DefinitionChange };

/** How far `apply` may go. */
export interface ApplyLimits {
  /** The ids of the checks that are to be mended; null for all. */
  readonly wanted: ReadonlySet<string> | null;
  /** Whether to change a definition that its owner will write again. */
  readonly temporary: boolean;
  /** The patches that somebody has looked at; null when none but those of this run count. */
  readonly reviewed: ReviewedPatches | null;
}

/** Plans what `apply` does about each domain of an audit. */
export async function planApplication(
  facts: Facts,
  policy: Policy,
  { wanted, temporary, reviewed }: ApplyLimits,
): Promise<DomainPlan[]> {
  const patches = await planPatches(facts, policy, { only: wanted });
  const contextOf = patchContexts(facts, policy, wanted);
  return facts.domains.map((domain, index): DomainPlan => {
    const patch = patches[index];
    if (!patch) throw new TypeError('there is one patch for each domain');
    const { made, undoneBy } = patch;
    if (made === null) return { kind: 'settled', change: withoutPatch(patch) };
    if (undoneBy !== null && !temporary) return { kind: 'settled', change: refuse(patch, forOwner(patch)) };
    // Another machine's libvirt has its own schema, and compares with that.
    if (patch.validation?.before.kind === 'invalid' && isLocal(domain.source)) {
      const reason = `libvirt's schema refuses the definition as it is (${patch.validation.before.reason}); mend that with virsh edit first`;
      return { kind: 'settled', change: refuse(patch, reason) };
    }
    return { kind: 'undertaking', undertaking: undertake(domain, patch, contextOf(domain), reviewed) };
  });
}

function undertake(
  { name, uuid }: DomainFacts,
  patch: PlannedPatch,
  context: PatchContext,
  reviewed: ReviewedPatches | null,
): Undertaking {
  const { made, mends, fileName } = patch;
  const left = patch.unmended.map(({ check, because }) => `${check} stays as it is: ${because}`);
  if (!made || uuid === undefined) throw new TypeError('a domain of libvirt has a UUID');
  // What is judged again is only what was to be mended: other findings were there before.
  const sameChecks = onlyMending(context, mends);
  return {
    about: { name, mends, remarks: [...patch.remarks, ...left] },
    fileName,
    restores: null,
    order: {
      uuid,
      audited: made.before,
      plan(secureXml) {
        const plan = planPatch(secureXml, context);
        if (plan.kind !== 'patch') {
          return { refused: 'the definition with its passwords offers no place for the same change' };
        }
        const { after } = plan;
        const objection = reviewed?.objection(uuid, [made, { before: secureXml, after }]) ?? null;
        return objection === null ? { after, diff: diffForm.render(made) } : { refused: objection };
      },
    },
    verify(xml) {
      const plan = planPatch(xml, sameChecks);
      if (plan.kind === 'nothing-to-fix') return null;
      return plan.kind === 'refused' ? plan.because : `it still needs mending: ${plan.mends.join(', ')}`;
    },
  };
}

function onlyMending(context: PatchContext, mends: readonly string[]): PatchContext {
  const others = DOMAIN_CHECKS.map(({ id }) => id).filter((id) => !mends.includes(id));
  return { ...context, leaveAlone: new Set(others) };
}

function withoutPatch(patch: PlannedPatch): DefinitionChange {
  return patch.refused === null
    ? { ...refuse(patch, null), outcome: 'unchanged' }
    : refuse(patch, patch.refused);
}

function refuse(
  { domain, uuid, remarks, mends, made }: PlannedPatch,
  reason: string | null,
): DefinitionChange {
  return {
    name: domain,
    uuid,
    outcome: 'refused',
    changed: false,
    definition: 'old',
    reason,
    mends: made ? [] : mends,
    diff: null,
    backup: null,
    remarks: reason === null ? [] : remarks,
  };
}

function forOwner({ ownerFix, undoneBy }: PlannedPatch): string {
  const owner = ownerFix ? `it belongs to ${ownerFix.owner}` : 'it belongs to another layer';
  return `${owner}, and an edit of the XML does not last: ${undoneBy}; mend it there (remediate tells how), or add --temporary`;
}
