import { HOST_TARGET, type Named, type Policy, type Waiver } from './policy.js';
import { isExpired } from './waiver.js';

/** True unless the policy turned the check off. */
export function isEnabled({ checks }: Pick<Policy, 'checks'>, check: string): boolean {
  return checks[check]?.enabled !== false;
}

/** The outcome that the policy makes of a check's own; only warnings and failures have a severity. */
export function outcomeUnder<Outcome extends string>(
  { checks }: Pick<Policy, 'checks'>,
  check: string,
  outcome: Outcome,
): Outcome | 'info' | 'warn' | 'fail' {
  if (outcome !== 'warn' && outcome !== 'fail') return outcome;
  return checks[check]?.severity ?? outcome;
}

/** True for what somebody would have to act on, and so can be waived. */
export function canBeWaived(outcome: string): boolean {
  return outcome === 'warn' || outcome === 'fail' || outcome === 'unknown';
}

/** The waivers that still hold and are about a check and a target, in the order in which they are written. */
export function waiversFor(
  { waivers, matches }: Pick<Policy, 'waivers' | 'matches'>,
  collectedAt: string,
  check: string,
  target: Named,
): Waiver[] {
  return waivers.filter(
    (waiver) =>
      !isExpired(waiver, collectedAt) &&
      matches(waiver.check, { name: check }) &&
      matches(waiver.target, target),
  );
}

/** How waivers name the hypervisor. */
export const HOST: Named = { name: HOST_TARGET };

/** True for a check whose findings are to be mended, unless they are waived: not turned off, nor mere information. */
export function isMended(policy: Pick<Policy, 'checks'>, check: string): boolean {
  return isEnabled(policy, check) && policy.checks[check]?.severity !== 'info';
}

/**
 * The checks whose findings about a domain nobody is asked to mend: turned off, mere information, or waived.
 * @param checkIds - the ids of all checks of domains
 */
export function leftAlone(
  policy: Policy,
  collectedAt: string,
  checkIds: readonly string[],
  domain: Named,
): ReadonlySet<string> {
  return new Set(
    checkIds.filter((id) => !isMended(policy, id) || waiversFor(policy, collectedAt, id, domain).length > 0),
  );
}
