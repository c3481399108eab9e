import type { Finding } from '../checks/finding.js';
import { canBeWaived, outcomeUnder, waiversFor } from '../policy/judgement.js';
import type { Named, Policy, Waiver } from '../policy/policy.js';
import type { ReportedFinding } from '../report/report.js';

/** Turns findings into those of the report, as the policy has it, and keeps count of what the waivers cover. */
export class Verdicts {
  readonly #policy: Policy;
  readonly #collectedAt: string;
  readonly #covered = new Map<Waiver, number>();

  /** @param collectedAt - when the facts were collected, in ISO 8601 and UTC: what waivers expire against */
  constructor(policy: Policy, collectedAt: string) {
    this.#policy = policy;
    this.#collectedAt = collectedAt;
  }

  /** How many of the findings so far a waiver covers. */
  coveredBy(waiver: Waiver): number {
    return this.#covered.get(waiver) ?? 0;
  }

  /**
   * @param target - the domain or the host that it is about
   * @param patchable - whether an edit of the definition would change what was judged
   */
  reported({ remedy, ...finding }: Finding, target: Named, patchable: boolean): ReportedFinding {
    if (!canBeWaived(finding.outcome)) return { ...finding, fixable: false };
    const outcome = outcomeUnder(this.#policy, finding.check, finding.outcome);
    const changed = outcome !== finding.outcome && { judgedAs: finding.outcome as 'warn' | 'fail' };
    const waiver = canBeWaived(outcome) ? this.#waiverOf(finding.check, target) : undefined;
    const wanted = (outcome === 'warn' || outcome === 'fail') && !waiver;
    return {
      ...finding,
      outcome,
      ...changed,
      ...(waiver && { waiver }),
      fixable: patchable && wanted && remedy.length > 0,
    };
  }

  #waiverOf(check: string, target: Named): ReportedFinding['waiver'] {
    const found = waiversFor(this.#policy, this.#collectedAt, check, target);
    for (const waiver of found) this.#covered.set(waiver, this.coveredBy(waiver) + 1);
    const [first] = found;
    if (!first) return undefined;
    const { reason, owner, expires, place } = first;
    return { reason, owner, expires, place };
  }
}
