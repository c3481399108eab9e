import type { Check } from '../checks/check.js';
import { clockDifferences } from '../checks/clockDifferences.js';
import { evaluateDomain, evaluateHost } from '../checks/engine.js';
import { CHECKS, DOMAIN_CHECKS, HOST_CHECKS } from '../checks/registry.js';
import type { DomainDefinition } from '../facts/definition.js';
import type { DomainFacts } from '../facts/domain.js';
import type { Facts } from '../facts/facts.js';
import { type HostFacts, hostLeftOut } from '../facts/host.js';
import type { Definitions, DomainSituation } from '../facts/situation.js';
import { HOST, isEnabled } from '../policy/judgement.js';
import type { Policy } from '../policy/policy.js';
import { canBePatched } from '../remediation/domainPatch.js';
import type { DomainReport, Report, ReportedFinding } from '../report/report.js';
import { reportPolicy } from './configuration/reportedPolicy.js';
import type { FailOn } from './exitCode.js';
import { findingPlaces } from './findingPlaces.js';
import { libvirtVersions, situationOf } from './situation.js';
import { summarise } from './summary.js';
import { Verdicts } from './verdicts.js';
import { toolVersion } from './version.js';

/** Judges facts: the same facts and the same policy always give the same report. */
export function judge(facts: Facts, failOn: FailOn, policy: Policy): Report {
  const host = hostOf(facts);
  const verdicts = new Verdicts(policy, facts.collectedAt);
  const asked = ({ id }: Check) => isEnabled(policy, id);
  const domainChecks = DOMAIN_CHECKS.filter(asked);
  const versionFor = libvirtVersions(facts);
  const situations = facts.domains.map((domain) => situationOf(domain, versionFor(domain), policy));
  const guests = situations.flatMap(({ definitions: { live, inactive } }) => {
    const fact = live ?? inactive;
    return fact?.known ? [fact.value] : [];
  });
  const hostFindings = facts.host
    ? HOST_CHECKS.filter(asked)
        .map((check) => evaluateHost(check, host, policy, guests))
        .map((finding) => verdicts.reported(finding, HOST, false))
    : [];
  const domains = facts.domains.map((domain, index): DomainReport => {
    const situation = situations[index] as DomainSituation;
    const findings = domainChecks
      .flatMap((check) => evaluateDomain(check, situation, host, policy))
      .map((finding) => verdicts.reported(finding, domain, canBePatched(domain, finding)))
      .map(findingPlaces(domain, situation.definitions));
    return describeDomain(domain, situation.definitions, findings);
  });
  const { reported, notes } = reportPolicy(policy, facts, verdicts);
  const judged = {
    host: facts.host && { facts: facts.host, findings: hostFindings },
    domains,
    problems: facts.problems.map((problem) => ({ outcome: 'unknown' as const, ...problem })),
  };
  return {
    schema: 'virt-clock-audit/report',
    schemaVersion: '1.1',
    tool: { name: 'virt-clock-audit', version: toolVersion() },
    run: {
      collectedAt: facts.collectedAt,
      hostname: facts.hostname,
      ...(facts.target !== undefined && { target: facts.target }),
      sources: facts.sources,
      hostNote: facts.hostNote,
    },
    policy: reported,
    summary: summarise(judged, failOn),
    checks: CHECKS.map(({ id, title, failureTitle, rationale, fix, references }) => ({
      id,
      title,
      failureTitle,
      rationale,
      fix,
      references,
    })),
    ...judged,
    notes: [...facts.notes, ...notes],
  };
}

/** The host of the facts, or one of which nothing is known, for a reason. */
export function hostOf(facts: Facts): HostFacts {
  return facts.host ?? hostLeftOut(`the host was ${facts.hostNote}`);
}

function describeDomain(
  domain: DomainFacts,
  definitions: Definitions,
  findings: readonly ReportedFinding[],
): DomainReport {
  const kind = definitions.live ? 'live' : definitions.inactive ? 'inactive' : null;
  const shown = kind && definitions[kind];
  const definition = shown?.known ? shown.value : null;
  const next = kind === 'live' && definitions.inactive?.known ? definitions.inactive.value : null;
  const differs = next && definition && runsDifferently(definition, next);
  return {
    name: domain.name,
    uuid: domain.uuid ?? null,
    source: domain.source,
    state: domain.state.known ? domain.state.value : null,
    persistent: domain.persistent.known ? domain.persistent.value : null,
    managedSave: domain.managedSave.known ? domain.managedSave.value : null,
    definition: kind,
    virtType: definition?.virtType ?? null,
    arch: definition?.arch ?? null,
    machine: definition?.machine ?? null,
    owner: definition?.owner ?? null,
    guestOs: definition?.guestOs ?? null,
    effectiveClock: definition?.effectiveClock ?? null,
    ...(differs && { nextEffectiveClock: next.effectiveClock }),
    findings,
  };
}

/** Whether the next start will change anything for the guest, or tells another adjustment. */
function runsDifferently({ definedClock: _, ...now }: DomainDefinition, next: DomainDefinition): boolean {
  const adjustment = ({ effectiveClock: { rtc } }: DomainDefinition) =>
    `${rtc.adjustmentSeconds} ${rtc.variableBasis}`;
  return clockDifferences(now, next).length > 0 || adjustment(now) !== adjustment(next);
}
