import { DOMAIN_CHECKS } from '../../checks/registry.js';
import type { DomainFacts } from '../../facts/domain.js';
import type { Facts } from '../../facts/facts.js';
import { leftAlone } from '../../policy/judgement.js';
import type { Policy } from '../../policy/policy.js';
import type { PatchContext } from '../../remediation/patch.js';
import { hostOf } from '../judge.js';
import { libvirtVersions } from '../situation.js';

/**
 * What the patch of each domain has to be right about; what is waived is left as it is.
 * @param wanted - the ids of the checks that are to be mended; null for all
 */
export function patchContexts(
  facts: Facts,
  policy: Policy,
  wanted: ReadonlySet<string> | null = null,
): (domain: DomainFacts) => PatchContext {
  const host = hostOf(facts);
  const versionFor = libvirtVersions(facts);
  const ids = DOMAIN_CHECKS.map(({ id }) => id);
  const unwanted = wanted ? ids.filter((id) => !wanted.has(id)) : [];
  return (domain) => ({
    libvirtVersion: versionFor(domain),
    host,
    policy,
    leaveAlone: new Set([...unwanted, ...leftAlone(policy, facts.collectedAt, ids, domain)]),
  });
}
