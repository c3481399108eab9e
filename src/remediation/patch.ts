import {
  type AuditedText,
  auditText,
  isWell,
  needsMending,
  type PatchContext,
  worsened,
} from './definitionAudit.js';
import { mendAll, type PatchStep, type Unmended } from './mending.js';

export type { PatchContext, PatchStep, Unmended };

/** What can be done about a definition's findings. */
export type PatchPlan =
  | { readonly kind: 'nothing-to-fix' }
  | {
      readonly kind: 'refused';
      /** Why nothing at all can be mended: one sentence without a full stop. */
      readonly because: string;
      /** The same check by check; none where the definition as a whole is the reason. */
      readonly unmended: readonly Unmended[];
    }
  | {
      readonly kind: 'patch';
      readonly after: string;
      /** The same as changes of the document's structure, one after the other. */
      readonly steps: readonly PatchStep[];
      /** Ids of the checks it mends. */
      readonly mends: readonly string[];
      /** What there is a remedy for, and yet no edit that helps. */
      readonly unmended: readonly Unmended[];
    };

/**
 * Plans the smallest edit that makes as many of the fixable checks pass as can be. The result is only handed out when it
 * was audited again and found better: every check that it is said to mend passes, none came out worse, and a second plan
 * changes nothing.
 * @throws XmlError when the text cannot be parsed
 */
export function planPatch(before: string, given: PatchContext): PatchPlan {
  const first = auditText(before, given);
  const context = keepingHidden(first, given);
  const [rejection] = first.definition.rejections;
  if (rejection) return refused(`libvirt's QEMU driver refuses the definition: ${rejection}`);
  const targets = first.findings.filter(needsMending).map(({ check }) => check);
  if (targets.length === 0) return { kind: 'nothing-to-fix' };
  const { audited, steps, unmended } = mendAll(first, context);
  if (steps.length === 0) return refused(unmended.map(({ because }) => because).join('; '), unmended);
  const mends = targets.filter((id) => isWell(id, audited));
  const problem = verify(first, audited.text, mends, context);
  if (problem) return refused(problem);
  return { kind: 'patch', after: audited.text, steps, mends, unmended };
}

/**
 * What is hidden perhaps on purpose stays so, also where another edit takes away what suggested that, such as an RTC in
 * local time.
 */
function keepingHidden({ findings }: AuditedText, context: PatchContext): PatchContext {
  const hidden = findings.filter(({ code }) => code.endsWith('hidden-on-purpose')).map(({ check }) => check);
  return hidden.length === 0
    ? context
    : { ...context, leaveAlone: new Set([...(context.leaveAlone ?? []), ...hidden]) };
}

function refused(because: string, unmended: readonly Unmended[] = []): PatchPlan {
  return { kind: 'refused', because, unmended };
}

/** The last word on a patch, which asks nothing of how it was made; null when it holds what it promises. */
function verify(
  first: AuditedText,
  after: string,
  mends: readonly string[],
  context: PatchContext,
): string | null {
  const now = auditText(after, context);
  const [worse] = worsened(first, now, context.leaveAlone);
  if (worse) return `the patch that was made would make ${worse.check} worse`;
  const open = mends.find((id) => !isWell(id, now));
  if (open !== undefined) return `the patch that was made would not make ${open} pass`;
  return mendAll(now, context).audited.text === after ? null : 'a second patch would change the text again';
}
