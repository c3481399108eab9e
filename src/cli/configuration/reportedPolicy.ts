import { CHECKS } from '../../checks/registry.js';
import type { Facts } from '../../facts/facts.js';
import { HOST, isEnabled } from '../../policy/judgement.js';
import type { Policy, Waiver } from '../../policy/policy.js';
import { isExpired } from '../../policy/waiver.js';
import type { ReportedPolicy, ReportedWaiver, WaiverState } from '../../report/report.js';
import type { Verdicts } from '../verdicts.js';

/** The policy as the report tells it, and the notes on what in it had no effect. */
export function reportPolicy(
  policy: Policy,
  facts: Facts,
  verdicts: Verdicts,
): { reported: ReportedPolicy; notes: string[] } {
  const allDomains = !facts.narrowed && isComplete(facts);
  const waivers = policy.waivers.map((waiver): ReportedWaiver => {
    const { check, target, reason, owner, expires, place } = waiver;
    const findings = verdicts.coveredBy(waiver);
    const state = waiverState(waiver, policy, facts, findings, allDomains);
    return { check, target, reason, owner, expires, place, state, findings };
  });
  const severities = Object.entries(policy.checks).flatMap(([id, { severity }]) =>
    severity && isEnabled(policy, id) ? [[id, severity] as const] : [],
  );
  const { profile, sources, thresholds, fleetTimeZone, guests } = policy;
  const reported: ReportedPolicy = {
    profile,
    sources,
    thresholds: { ...thresholds },
    fleetTimeZone,
    disabledChecks: CHECKS.map(({ id }) => id).filter((id) => !isEnabled(policy, id)),
    severities: Object.fromEntries(severities),
    waivers,
    guests,
  };
  const idle = idleGuestRules(policy, facts, allDomains);
  return { reported, notes: [...waivers.flatMap(noteOf), ...idle] };
}

/** Files are whatever somebody chose to audit; a hypervisor's domains are complete unless some could not be read. */
function isComplete({ sources, problems }: Facts): boolean {
  return problems.length === 0 && sources.length > 0 && sources.every(({ kind }) => kind === 'libvirt');
}

function waiverState(
  waiver: Waiver,
  policy: Policy,
  facts: Facts,
  findings: number,
  allDomains: boolean,
): WaiverState {
  if (isExpired(waiver, facts.collectedAt)) return 'expired';
  if (findings > 0) return 'applied';
  const asked = CHECKS.filter(
    ({ id }) => policy.matches(waiver.check, { name: id }) && isEnabled(policy, id),
  );
  const tested = asked.every(({ scope }) =>
    scope === 'domain' ? allDomains : facts.host !== null || !policy.matches(waiver.target, HOST),
  );
  return asked.length > 0 && tested ? 'unmatched' : 'not-tested';
}

function noteOf({ check, target, owner, expires, place, state }: ReportedWaiver): string[] {
  const which = `the waiver of ${check} for ${target} (${place}, by ${owner})`;
  if (state === 'expired')
    return [`${which} has expired on ${expires} and no longer counts; renew or remove it`];
  if (state === 'unmatched') return [`${which} covers no finding; remove it`];
  return [];
}

/** What is said on the command line is about this very run; a file is about a hypervisor with all its domains. */
function idleGuestRules({ guests, matches }: Policy, { domains }: Facts, allDomains: boolean): string[] {
  return guests
    .filter(({ place }) => allDomains || place === '--guest-os')
    .filter(({ target }) => !domains.some((domain) => matches(target, domain)))
    .map(({ target, place }) => `no domain is called ${target}, which is said to be a guest by ${place}`);
}
