import { ptpKvm } from '../../checks/domain/ptpKvm.js';
import { evaluateDomain, evaluateHost } from '../../checks/engine.js';
import { HOST_CHECKS } from '../../checks/registry.js';
import type { Facts } from '../../facts/facts.js';
import { HOST, isEnabled, leftAlone } from '../../policy/judgement.js';
import type { Policy } from '../../policy/policy.js';
import { type GuestFix, guestFixesFor } from '../../remediation/guestFix.js';
import type { HostFix } from '../../remediation/hostFix.js';
import { hostFixesFor } from '../../remediation/hostFixes.js';
import { libvirtVersions, situationOf } from '../situation.js';

/** What can be pasted besides the patches, once a run. */
export interface WholeRunFixes {
  readonly hostFixes: readonly HostFix[];
  readonly guestFixes: readonly GuestFix[];
}

/**
 * What mends the hypervisor itself, and what it offers to its guests; nothing where the host was not looked at, and for
 * what is waived.
 * @param only - the ids of the checks to mend; null for all
 */
export function wholeRunFixes(facts: Facts, policy: Policy, only: ReadonlySet<string> | null): WholeRunFixes {
  const { host } = facts;
  if (!host) return { hostFixes: [], guestFixes: [] };
  const versionFor = libvirtVersions(facts);
  const judged = facts.domains.map((domain) => {
    const situation = situationOf(domain, versionFor(domain), policy);
    const fact = situation.definitions.live ?? situation.definitions.inactive;
    const findings = evaluateDomain(ptpKvm, situation, host, policy);
    return { definition: fact?.known ? fact.value : null, findings };
  });
  const guests = judged.flatMap(({ definition }) => definition ?? []);
  const findings = HOST_CHECKS.map((check) => evaluateHost(check, host, policy, guests));
  const ids = HOST_CHECKS.map(({ id }) => id);
  const ignored = leftAlone(policy, facts.collectedAt, ids, HOST);
  const wanted = (id: string) => only?.has(id) ?? true;
  const open = findings.filter(({ check }) => wanted(check) && !ignored.has(check));
  const offersPtp = wanted(ptpKvm.id) && isEnabled(policy, ptpKvm.id);
  return {
    hostFixes: hostFixesFor(host, open, policy),
    guestFixes: offersPtp ? guestFixesFor(host, findings, judged) : [],
  };
}
