import { agentChannel } from '../../checks/domain/agentChannel.js';
import { evaluateDefinition, evaluateDomain } from '../../checks/engine.js';
import type { Finding } from '../../checks/finding.js';
import { DEFINITION_CHECKS } from '../../checks/registry.js';
import type { DomainDefinition } from '../../facts/definition.js';
import type { Known } from '../../facts/fact.js';
import type { DomainSituation } from '../../facts/situation.js';
import { isEnabled } from '../../policy/judgement.js';
import type { DomainPatch } from '../../remediation/domainPatch.js';
import { ownerFixFor } from '../../remediation/ownerFixes.js';
import type { PatchContext } from '../../remediation/patch.js';

/** A patch with what the layer that owns the domain will do to it. */
export interface OwnedPatch extends DomainPatch {
  /** The event that undoes an edit of the XML; null where no layer writes the definition. */
  readonly undoneBy: string | null;
  /** The checks that something is wrong with and that there is no remedy for; none where there is no patch. */
  readonly left: readonly string[];
}

/**
 * Adds the fix that lasts, where another layer writes the definition anew.
 * @param next - what the next start will use, as it was read
 */
export function ownedPatch(
  patch: DomainPatch,
  situation: DomainSituation,
  next: Known<DomainDefinition> | null,
  context: PatchContext,
): OwnedPatch {
  if (next === null) return { ...patch, undoneBy: null, left: [] };
  const { rewrittenBy } = next.value.owner;
  const findings = findingsOf({ ...situation, definitions: { inactive: next } }, next, context);
  const left = patch.made
    ? findings.filter(({ remedy }) => remedy.length === 0).map(({ check }) => check)
    : [];
  if (rewrittenBy === undefined) return { ...patch, undoneBy: null, left };
  const ids = { name: patch.domain, uuid: patch.uuid };
  const ownerFix = findings.length > 0 ? ownerFixFor(next.value, findings, ids) : null;
  return { ...patch, ownerFix, left, undoneBy: ownerFix?.undoneBy ?? rewrittenBy };
}

function findingsOf(
  situation: DomainSituation,
  next: Known<DomainDefinition>,
  { host, policy, leaveAlone }: PatchContext,
): Finding[] {
  return [
    ...DEFINITION_CHECKS.map((check) => evaluateDefinition(check, next, host, policy)),
    ...evaluateDomain(agentChannel, situation, host, policy),
  ].filter(
    ({ check, outcome }) =>
      (outcome === 'warn' || outcome === 'fail') && isEnabled(policy, check) && !leaveAlone?.has(check),
  );
}
