import { type DefinitionChange, untouched } from '../../apply/definitionChange.js';
import type { DomainFacts } from '../../facts/domain.js';
import type { Facts } from '../../facts/facts.js';
import { leavingOutPasswords, passwordsIn } from '../../facts/secrets.js';
import type { Policy } from '../../policy/policy.js';
import { diffForm } from '../../remediation/forms/diff.js';
import type { MadePatch } from '../../remediation/forms/form.js';
import { type PatchContext, planPatch } from '../../remediation/patch.js';
import { isLocal } from '../hostWanted.js';
import { domainChecksBut, patchContexts, type WantedChecks } from '../patching/patchContext.js';
import { type PlannedPatch, planPatches } from '../patching/patches.js';
import { type Reservation, reservationsOn, waivedOn } from './reservations.js';
import type { ReviewedPatches } from './reviewedPatches.js';
import type { Undertaking } from './undertaking.js';

/** What is to be done about one domain, or why nothing is. */
export type DomainPlan =
  | { readonly kind: 'undertaking'; readonly undertaking: Undertaking }
  | { readonly kind: 'settled'; readonly change: DefinitionChange };

/** How far `apply` may go. */
export interface ApplyLimits {
  /** The ids of the checks that are to be mended; null for all that take nobody's word. */
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
  const isAsked = wanted !== null || reviewed !== null;
  const reserved = isAsked ? () => [] : reservationsOn(facts, policy);
  const only: WantedChecks = isAsked
    ? wanted
    : (domain) => domainChecksBut(reserved(domain).map(({ check }) => check));
  const patches = await planPatches(facts, policy, { only });
  const contextOf = patchContexts(facts, policy, only);
  const unrestricted = patchContexts(facts, policy, wanted);
  const waived = waivedOn(facts, policy);
  return facts.domains.map((domain, index): DomainPlan => {
    const found = patches[index];
    if (!found) throw new TypeError('there is one patch for each domain');
    const context = unrestricted(domain);
    const patch = withReservations(found, domain, context, [
      ...reserved(domain).filter(({ check }) => !context.leaveAlone?.has(check)),
      ...waived(domain).filter(({ check }) => wanted?.has(check) ?? true),
    ]);
    const { made, undoneBy, validation } = patch;
    if (made === null) return { kind: 'settled', change: withoutPatch(patch) };
    if (undoneBy !== null && !temporary) return { kind: 'settled', change: refuse(patch, forOwner(patch)) };
    // Another machine's libvirt has its own schema, and compares with that.
    if (validation?.after.kind === 'invalid' && isLocal(domain.source)) {
      const reason = `libvirt's schema refuses the definition as it was, and still would (${validation.after.reason}); mend that with virsh edit first`;
      return { kind: 'settled', change: refuse(patch, reason) };
    }
    return { kind: 'undertaking', undertaking: undertake(domain, patch, made, contextOf(domain), reviewed) };
  });
}

/** Names what was left alone because nobody asked for it or it is waived, where there is something to mend. */
function withReservations(
  patch: PlannedPatch,
  { definitions: { inactive, live } }: DomainFacts,
  context: PatchContext,
  reservations: readonly Reservation[],
): PlannedPatch {
  const fact = inactive ?? live;
  if (reservations.length === 0 || !fact?.known) return patch;
  const leaveAlone = domainChecksBut(reservations.map(({ check }) => check));
  const plan = planPatch(fact.value.xml, { ...context, leaveAlone });
  const left = reservations.filter(({ check }) => plan.kind === 'patch' && plan.mends.includes(check));
  return { ...patch, unmended: [...patch.unmended, ...left] };
}

function undertake(
  { name, uuid }: DomainFacts,
  patch: PlannedPatch,
  made: MadePatch,
  context: PatchContext,
  reviewed: ReviewedPatches | null,
): Undertaking {
  if (uuid === undefined) throw new TypeError('a domain of libvirt has a UUID');
  const { mends, fileName } = patch;
  // What is judged again is only what was to be mended: other findings were there before.
  const sameChecks = { ...context, leaveAlone: domainChecksBut(mends) };
  const diff = diffForm.render(made);
  return {
    about: { name, mends, remarks: [...patch.remarks, ...leftAsItIs(patch)] },
    fileName,
    restores: null,
    auditedDiff: diff,
    order: {
      uuid,
      audited: made.before,
      plan(secureXml) {
        const plan = planPatch(secureXml, context);
        if (plan.kind !== 'patch' || leavingOutPasswords(plan.after) !== leavingOutPasswords(made.after)) {
          return { refused: 'the definition with its passwords offers no place for the same change' };
        }
        const { after } = plan;
        const objection = reviewed?.objection(uuid, [made, { before: secureXml, after }]) ?? null;
        return objection === null ? { after, diff } : { refused: objection };
      },
    },
    verify(xml, before) {
      if (passwordsIn(xml).join() !== passwordsIn(before).join()) return 'it has other passwords than before';
      const plan = planPatch(xml, sameChecks);
      if (plan.kind === 'nothing-to-fix') return null;
      return plan.kind === 'refused' ? plan.because : `it still needs mending: ${plan.mends.join(', ')}`;
    },
  };
}

function leftAsItIs({ unmended }: PlannedPatch): string[] {
  return unmended.map(({ check, because }) => `${check} stays as it is: ${because}`);
}

function withoutPatch(patch: PlannedPatch): DefinitionChange {
  return patch.refused === null
    ? { ...refuse(patch, null), outcome: 'unchanged', remarks: leftAsItIs(patch) }
    : refuse(patch, patch.refused);
}

function refuse({ domain: name, uuid }: PlannedPatch, reason: string | null): DefinitionChange {
  return untouched({ name, uuid }, 'refused', reason);
}

function forOwner({ ownerFix, undoneBy }: PlannedPatch): string {
  const owner = ownerFix ? `it belongs to ${ownerFix.owner}` : 'it belongs to another layer';
  return `${owner}, and an edit of the XML does not last: ${undoneBy}; mend it there (remediate tells how), or add --temporary`;
}
