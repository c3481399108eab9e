import type { DomainDefinition } from '../../facts/definition.js';
import { findingsOn } from '../../remediation/definitionAudit.js';
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
 * @param next - what the next start will use, as it was read; null where it could not be read
 */
export function ownedPatch(
  patch: DomainPatch,
  next: DomainDefinition | null,
  context: PatchContext,
): OwnedPatch {
  if (next === null) return { ...patch, undoneBy: null, left: [] };
  const { rewrittenBy } = next.owner;
  const findings = findingsOn(next, context).filter(
    ({ check, outcome }) => (outcome === 'warn' || outcome === 'fail') && !context.leaveAlone?.has(check),
  );
  const left = patch.made
    ? findings.filter(({ remedy }) => remedy.length === 0).map(({ check }) => check)
    : [];
  if (rewrittenBy === undefined) return { ...patch, undoneBy: null, left };
  const ids = { name: patch.domain, uuid: patch.uuid };
  const ownerFix = findings.length > 0 ? ownerFixFor(next, findings, ids) : null;
  return { ...patch, ownerFix, left, undoneBy: ownerFix?.undoneBy ?? rewrittenBy };
}
