import { DOMAIN_CHECKS } from '../../checks/registry.js';
import type { DomainFacts } from '../../facts/domain.js';
import type { Facts } from '../../facts/facts.js';
import { leftAlone } from '../../policy/judgement.js';
import type { Policy } from '../../policy/policy.js';
import type { PatchContext } from '../../remediation/patch.js';
import { hostOf } from '../judge.js';
import { libvirtVersions } from '../situation.js';

/** The ids of the checks that are to be mended, for all domains alike or for each; null for all checks. */
export type WantedChecks = ReadonlySet<string> | null | ((domain: DomainFacts) => ReadonlySet<string> | null);

/** The ids of all checks of domains but those. */
export function domainChecksBut(checks: Iterable<string>): ReadonlySet<string> {
  const others = new Set(DOMAIN_CHECKS.map(({ id }) => id as string));
  for (const check of checks) others.delete(check);
  return others;
}

/** What the patch of each domain has to be right about; what is waived is left as it is. */
export function patchContexts(
  facts: Facts,
  policy: Policy,
  wanted: WantedChecks = null,
): (domain: DomainFacts) => PatchContext {
  const host = hostOf(facts);
  const versionFor = libvirtVersions(facts);
  const ids = DOMAIN_CHECKS.map(({ id }) => id);
  return (domain) => {
    const these = typeof wanted === 'function' ? wanted(domain) : wanted;
    const unwanted = these ? domainChecksBut(these) : [];
    return {
      libvirtVersion: versionFor(domain),
      host,
      policy,
      leaveAlone: new Set([...unwanted, ...leftAlone(policy, facts.collectedAt, ids, domain)]),
    };
  };
}
