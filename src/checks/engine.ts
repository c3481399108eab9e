import type { DomainDefinition } from '../facts/definition.js';
import type { DefinitionKind } from '../facts/domain.js';
import type { Fact, Unknown } from '../facts/fact.js';
import type { HostFacts } from '../facts/host.js';
import type { DomainSituation } from '../facts/situation.js';
import type { Policy } from '../policy/policy.js';
import type {
  Check,
  DefinitionCheck,
  DomainCheck,
  HostCheck,
  HostFactName,
  SituationCheck,
  Verdict,
} from './check.js';
import type { Finding } from './finding.js';

/**
 * Puts one question to the host.
 * @param guests - the definitions of the domains on this host, as far as they could be read
 */
export function evaluateHost(
  check: HostCheck,
  host: HostFacts,
  policy: Policy,
  guests: readonly DomainDefinition[] = [],
): Finding {
  const absent = firstMissing(check.needs, host);
  if (absent) {
    const verdict = absent.leftOut ? null : check.evaluateWithoutFacts?.(guests);
    return verdict ? finding(check, verdict, []) : notLookedAt(check, absent);
  }
  const needs = [...check.needs, ...(check.needsMore?.(host, guests) ?? [])];
  const missing = firstMissing(needs, host);
  if (missing) return notLookedAt(check, missing);
  return finding(check, check.evaluate(host, policy, guests), evidenceOf(needs, host));
}

/**
 * Puts one question to a domain; one about definitions both to what runs and to what the next start will use.
 * @returns one finding when both answer alike, otherwise one each
 */
export function evaluateDomain(
  check: DomainCheck,
  domain: DomainSituation,
  host: HostFacts,
  policy: Policy,
): Finding[] {
  if (check.judges === 'situation') return [evaluateSituation(check, domain, host, policy)];
  const { live, inactive } = domain.definitions;
  const running = live && evaluateDefinition(check, live, host, policy, 'live');
  const next = inactive && evaluateDefinition(check, inactive, host, policy);
  if (!live || !running || !next) return [running ?? next ?? notLookedAt(check, NO_DEFINITION)];
  if (running.outcome === next.outcome && running.code === next.code) return [running];
  // Whatever stands between libvirt and QEMU will do so at the next start as well.
  const asDefined = !live.known || live.value.processDifferences.length === 0;
  const wrongNow = asDefined && isWrong(running) && next.outcome === 'pass';
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

function evaluateSituation(
  check: SituationCheck,
  domain: DomainSituation,
  host: HostFacts,
  policy: Policy,
): Finding {
  const applies = check.appliesTo(domain);
  if (applies !== true) return finding(check, notApplicable(applies), []);
  const facts = check.needs(domain);
  const missing = facts.find((fact) => !fact.known);
  if (missing) return notLookedAt(check, missing);
  const evidence = facts.map(({ source }) => ({ fact: 'domain', source }));
  return finding(check, check.evaluate(domain, host, policy), evidence);
}

function notApplicable(observed: string): Verdict {
  return { outcome: 'not-applicable', code: 'not-applicable', observed };
}

/**
 * Puts one question to one definition.
 * @param kind - what runs has been accepted by the libvirt that runs it, whatever this tool thinks of it
 */
export function evaluateDefinition(
  check: DefinitionCheck,
  fact: Fact<DomainDefinition>,
  host: HostFacts,
  policy: Policy,
  kind: DefinitionKind = 'inactive',
): Finding {
  if (!fact.known) return notLookedAt(check, fact);
  const definition = fact.value;
  const evidence = evidenceOfDefinition(fact);
  if (kind === 'inactive' && definition.rejections.length > 0) {
    const observed = 'libvirt refuses the definition, so no guest has this clock';
    return finding(check, { outcome: 'not-applicable', code: 'definition-rejected', observed }, evidence);
  }
  const applies = check.appliesTo(definition);
  if (applies !== true) return finding(check, notApplicable(applies), evidence);
  const needs = check.needs(definition);
  if (needs.length === 0) return finding(check, check.evaluate(definition, host, policy), evidence);
  const missing = firstMissing(needs, host);
  if (missing) return notLookedAt(check, missing);
  return finding(check, check.evaluate(definition, host, policy), [...evidence, ...evidenceOf(needs, host)]);
}

/** All findings about a definition share the list: on a hypervisor with a thousand domains there are many. */
const definitionEvidence = new WeakMap<Fact<DomainDefinition>, Finding['evidence']>();

function evidenceOfDefinition(fact: Fact<DomainDefinition>): Finding['evidence'] {
  let evidence = definitionEvidence.get(fact);
  if (!evidence) {
    evidence = [{ fact: 'domain.definition', source: fact.source }];
    definitionEvidence.set(fact, evidence);
  }
  return evidence;
}

const NOTHING: readonly never[] = [];

function firstMissing(needs: readonly HostFactName[], host: HostFacts): Unknown | undefined {
  return needs.map((name): Fact<unknown> => host[name]).find((fact) => !fact.known);
}

function evidenceOf(needs: readonly HostFactName[], host: HostFacts): Finding['evidence'] {
  return needs.map((name) => ({ fact: `host.${name}`, source: host[name].source }));
}

function finding(check: Check, verdict: Verdict, evidence: Finding['evidence']): Finding {
  const { outcome, code, observed, expected, detail, remedy = NOTHING } = verdict;
  const title = outcome === 'warn' || outcome === 'fail' ? check.failureTitle : check.title;
  if (expected === undefined && detail === undefined) {
    return { check: check.id, outcome, code, title, observed, evidence, remedy };
  }
  return {
    check: check.id,
    outcome,
    code,
    title,
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
