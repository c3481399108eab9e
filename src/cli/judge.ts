import { type Definitions, evaluateDomain, evaluateHost } from '../checks/engine.js';
import type { Finding } from '../checks/finding.js';
import { CHECKS, DOMAIN_CHECKS, HOST_CHECKS } from '../checks/registry.js';
import { definitionOf } from '../domxml/readings.js';
import type { DomainDefinition } from '../facts/definition.js';
import type { DefinitionKind, DomainFacts } from '../facts/domain.js';
import type { Fact } from '../facts/fact.js';
import type { Facts } from '../facts/facts.js';
import { type HostFacts, hostLeftOut } from '../facts/host.js';
import { DEFAULT_THRESHOLDS } from '../policy/thresholds.js';
import { canBePatched } from '../remediation/domainPatch.js';
import type { DomainReport, Report, ReportedFinding, Summary } from '../report/report.js';
import { exitCodeFor, type FailOn, worstOutcome } from './exitCode.js';
import { toolVersion } from './version.js';

/** Judges facts: the same facts always give the same report. */
export function judge(facts: Facts, failOn: FailOn): Report {
  const host = hostOf(facts);
  const hostFindings = facts.host
    ? HOST_CHECKS.map((check) => evaluateHost(check, host, DEFAULT_THRESHOLDS)).map(reported)
    : [];
  const versionFor = libvirtVersions(facts);
  const domains = facts.domains.map((domain): DomainReport => {
    const definitions = readDefinitions(domain, versionFor(domain));
    const findings = DOMAIN_CHECKS.flatMap((check) =>
      evaluateDomain(check, definitions, host, DEFAULT_THRESHOLDS),
    );
    return describeDomain(domain, definitions, findings);
  });
  return {
    schema: 'virt-clock-audit/report',
    schemaVersion: '1.0',
    tool: { name: 'virt-clock-audit', version: toolVersion() },
    run: {
      collectedAt: facts.collectedAt,
      hostname: facts.hostname,
      sources: facts.sources,
      hostNote: facts.hostNote,
    },
    summary: summarise(facts, hostFindings, domains, failOn),
    checks: CHECKS.map(({ id, title, failureTitle, rationale, fix, references }) => ({
      id,
      title,
      failureTitle,
      rationale,
      fix,
      references,
    })),
    host: facts.host && { facts: facts.host, findings: hostFindings },
    domains,
    problems: facts.problems.map((problem) => ({ outcome: 'unknown', ...problem })),
    notes: facts.notes,
  };
}

/** The host of the facts, or one of which nothing is known, for a reason. */
export function hostOf(facts: Facts): HostFacts {
  return facts.host ?? hostLeftOut(`the host was ${facts.hostNote}`);
}

/** Finds the version of the libvirt that a domain comes from; null where its source does not tell. */
export function libvirtVersions({ sources }: Facts): (domain: DomainFacts) => string | null {
  const versions = new Map(sources.map(({ location, libvirtVersion }) => [location, libvirtVersion]));
  return ({ source }) => versions.get(source) ?? null;
}

/** The definitions of a domain's texts; a text that was not read stays unknown for the same reason. */
export function readDefinitions({ definitions }: DomainFacts, libvirtVersion: string | null): Definitions {
  const read: Partial<Record<DefinitionKind, Fact<DomainDefinition>>> = {};
  for (const kind of ['live', 'inactive'] as const) {
    const text = definitions[kind];
    if (text)
      read[kind] = text.known ? { ...definitionOf(text.value, libvirtVersion), source: text.source } : text;
  }
  return read;
}

function describeDomain(
  domain: DomainFacts,
  definitions: Definitions,
  findings: readonly Finding[],
): DomainReport {
  const kind = definitions.live ? 'live' : definitions.inactive ? 'inactive' : null;
  const shown = kind && definitions[kind];
  const definition = shown?.known ? shown.value : null;
  const next =
    kind === 'live' && definitions.inactive?.known ? definitions.inactive.value.effectiveClock : null;
  const differs = next && definition && JSON.stringify(next) !== JSON.stringify(definition.effectiveClock);
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
    ...(differs && { nextEffectiveClock: next }),
    findings: findings.map((finding) => ({
      ...reported(finding),
      fixable: finding.remedy.length > 0 && canBePatched(domain, finding),
    })),
  };
}

function reported({ remedy: _, ...finding }: Finding): ReportedFinding {
  return { ...finding, fixable: false };
}

function summarise(
  facts: Facts,
  hostFindings: readonly ReportedFinding[],
  domains: readonly DomainReport[],
  failOn: FailOn,
): Summary {
  const counts = { pass: 0, warn: 0, fail: 0, unknown: 0, 'not-applicable': 0 };
  const all = [...hostFindings, ...domains.flatMap(({ findings }) => findings)];
  for (const { outcome } of all) counts[outcome]++;
  const unread = facts.problems.map(() => 'unknown' as const);
  const outcome = worstOutcome([...all.map((finding) => finding.outcome), ...unread]);
  return {
    outcome,
    exitCode: exitCodeFor(outcome, failOn),
    domains: domains.length,
    problems: facts.problems.length,
    findings: counts,
  };
}
