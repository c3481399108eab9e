import { CHECKS, DOMAIN_CHECKS } from '../../checks/registry.js';
import { isEnabled } from '../../policy/judgement.js';
import type { Policy } from '../../policy/policy.js';
import { suggestion } from '../../policy/suggestion.js';
import { isGlob, matcher } from '../domainSelection.js';
import { UsageError } from '../usageError.js';

/**
 * Understands `--only`: ids of checks, or globs of them.
 * @param scope - `domain` where nothing else can be mended
 * @returns the ids that are meant; null when nothing was given
 * @throws UsageError for one that means no check
 */
export async function wantedChecks(
  patterns: readonly string[] | undefined,
  scope: 'domain' | 'all' = 'domain',
): Promise<ReadonlySet<string> | null> {
  if (patterns === undefined) return null;
  const known = (scope === 'domain' ? DOMAIN_CHECKS : CHECKS).map(({ id }) => id);
  const what = scope === 'domain' ? 'check of a domain' : 'check';
  const wanted = new Set<string>();
  const unmet: string[] = [];
  for (const pattern of patterns) {
    const matches = await matcher(pattern);
    const ids = known.filter((name) => matches({ name }));
    if (ids.length === 0) unmet.push(pattern);
    for (const id of ids) wanted.add(id);
  }
  const [first, ...rest] = unmet.map((pattern) => {
    if (CHECKS.some(({ id }) => id === pattern)) {
      return `--only ${pattern} is no ${what}: nothing of the host is ever changed; virt-clock-audit remediate --only ${pattern} tells what to paste`;
    }
    const close = isGlob(pattern) ? '' : suggestion(pattern, known);
    return `--only ${pattern} is no ${what}${close}; virt-clock-audit checks lists them`;
  });
  if (first !== undefined) throw new UsageError(first, ...rest);
  return wanted;
}

/**
 * Makes sure that what is to be mended is asked at all.
 * @throws UsageError for a check that the policy leaves out, and for a glob of such
 */
export async function expectEnabled(patterns: readonly string[] | undefined, policy: Policy): Promise<void> {
  for (const pattern of patterns ?? []) {
    const matches = await matcher(pattern);
    const ids = CHECKS.map(({ id }) => id).filter((name) => matches({ name }));
    if (ids.some((id) => isEnabled(policy, id))) continue;
    const which = isGlob(pattern) ? 'all its checks are disabled' : 'the check is disabled';
    throw new UsageError(`--only ${pattern}: ${which}, by --disable or the configuration`);
  }
}
