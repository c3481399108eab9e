import type { DomainDefinition } from '../facts/definition.js';
import type { DefinitionKind } from '../facts/domain.js';
import type { Fact, Unknown } from '../facts/fact.js';
import type { HostFacts } from '../facts/host.js';
import type { Thresholds } from '../policy/thresholds.js';
import type { Check, DomainCheck, HostCheck, HostFactName, Verdict } from './check.js';
import type { Finding } from './finding.js';

/** Puts one question to the host. */
export function evaluateHost(check: HostCheck, host: HostFacts, thresholds: Thresholds): Finding {
  const missing = firstMissing(check.needs, host);
  if (missing) return notLookedAt(check, missing);
  return finding(check, check.evaluate(host, thresholds), evidenceOf(check.needs, host));
}

/** What is known of a domain's two definitions; a file or a stopped domain has only one. */
export type Definitions = Readonly<Partial<Record<DefinitionKind, Fact<DomainDefinition>>>>;

/**
 * Puts one question to a domain: to the definition that runs and to the one that the next start will use.
 * @returns one finding when both answer alike, otherwise one each
 */
export function evaluateDomain(
  check: DomainCheck,
  definitions: Definitions,
  host: HostFacts,
  thresholds: Thresholds,
): Finding[] {
  const { live, inactive } = definitions;
  const running = live && evaluateDefinition(check, live, host, thresholds);
  const next = inactive && evaluateDefinition(check, inactive, host, thresholds);
  if (!running || !next) return [running ?? next ?? notLookedAt(check, NO_DEFINITION)];
  if (running.outcome === next.outcome && running.code === next.code) return [running];
  const wrongNow = isWrong(running) && next.outcome === 'pass';
  const wrongNext = isWrong(next) && running.outcome === 'pass';
  return [
    about(running, 'live', wrongNow ? 'a full stop and start puts the right one into force' : null),
    about(next, 'inactive', wrongNext ? 'the next start will use this definition' : null),
  ];
}

const NO_DEFINITION = { reason: 'no definition was read', cause: 'no-definition', source: 'the facts' };

function isWrong({ outcome }: Finding): boolean {
  return outcome === 'warn' || outcome === 'fail';
}

/** Puts one question to one definition. */
export function evaluateDefinition(
  check: DomainCheck,
  fact: Fact<DomainDefinition>,
  host: HostFacts,
  thresholds: Thresholds,
): Finding {
  if (!fact.known) return notLookedAt(check, fact);
  const definition = fact.value;
  const evidence = [{ fact: 'domain.definition', source: fact.source }];
  if (definition.rejections.length > 0) {
    const reason = `libvirt's QEMU driver refuses this definition: ${definition.rejections.join('; ')}`;
    return { ...notLookedAt(check, { reason, cause: 'definition-rejected', source: fact.source }) };
  }
  const applies = check.appliesTo(definition);
  if (applies !== true) {
    return finding(check, { outcome: 'not-applicable', code: 'not-applicable', observed: applies }, evidence);
  }
  const needs = check.needs(definition);
  const missing = firstMissing(needs, host);
  if (missing) return notLookedAt(check, missing);
  return finding(check, check.evaluate(definition, host, thresholds), [
    ...evidence,
    ...evidenceOf(needs, host),
  ]);
}

function firstMissing(needs: readonly HostFactName[], host: HostFacts): Unknown | undefined {
  return needs.map((name): Fact<unknown> => host[name]).find((fact) => !fact.known);
}

function evidenceOf(needs: readonly HostFactName[], host: HostFacts): Finding['evidence'] {
  return needs.map((name) => ({ fact: `host.${name}`, source: host[name].source }));
}

function finding(check: Check, verdict: Verdict, evidence: Finding['evidence']): Finding {
  const { outcome, code, observed, expected, detail, remedy = [] } = verdict;
  return {
    check: check.id,
    outcome,
    code,
    title: outcome === 'warn' || outcome === 'fail' ? check.failureTitle : check.title,
    observed,
    ...(expected !== undefined && { expected }),
    ...(detail !== undefined && { detail }),
    evidence,
    remedy,
  };
}

function notLookedAt(check: Check, missing: Omit<Unknown, 'known'>): Finding {
  return {
    check: check.id,
    outcome: missing.leftOut ? 'not-applicable' : 'unknown',
    code: missing.cause,
    title: check.title,
    observed: missing.reason,
    evidence: [{ fact: check.scope, source: missing.source }],
    remedy: [],
    ...(missing.libvirtError && { libvirtError: missing.libvirtError }),
  };
}

function about(finding: Finding, definition: DefinitionKind, remark: string | null): Finding {
  const detail = [finding.detail, remark].filter(Boolean).join('; ');
  return { ...finding, definition, ...(detail && { detail }) };
}
