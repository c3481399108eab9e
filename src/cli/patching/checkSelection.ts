import { CHECKS, DOMAIN_CHECKS } from '../../checks/registry.js';
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
    const close = isGlob(pattern) ? '' : suggestion(pattern, known);
    return `--only ${pattern} is no ${what}${close}; virt-clock-audit checks lists them`;
  });
  if (first !== undefined) throw new UsageError(first, ...rest);
  return wanted;
}
