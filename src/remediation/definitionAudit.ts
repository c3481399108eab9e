import type { Outcome } from '../checks/check.js';
import { agentChannel } from '../checks/domain/agentChannel.js';
import { evaluateDefinition, evaluateDomain } from '../checks/engine.js';
import type { Finding } from '../checks/finding.js';
import { DEFINITION_CHECKS } from '../checks/registry.js';
import { describeDomain, parseDomain } from '../domxml/definition.js';
import type { XmlElement } from '../domxml/tree.js';
import type { DomainDefinition } from '../facts/definition.js';
import { type Known, known, leftOut } from '../facts/fact.js';
import type { HostFacts } from '../facts/host.js';
import type { DomainSituation } from '../facts/situation.js';
import { isEnabled } from '../policy/judgement.js';
import type { Policy } from '../policy/policy.js';
import { withStatedGuest } from '../policy/statedGuest.js';

/** What a patch has to be right about. */
export interface PatchContext {
  readonly libvirtVersion: string | null;
  readonly host: HostFacts;
  readonly policy: Policy;
  /** The ids of the checks that nobody wants mended for this domain; none without it. */
  readonly leaveAlone?: ReadonlySet<string>;
}

/** A text with what an audit of it, as the definition of the next start, comes to. */
export interface AuditedText {
  readonly text: string;
  readonly domain: XmlElement;
  readonly definition: DomainDefinition;
  /** Of the checks that judge a definition alone, as far as the policy has them. */
  readonly findings: readonly Finding[];
}

const RANK: Readonly<Record<Outcome, number>> = {
  pass: 0,
  info: 0,
  'not-applicable': 0,
  warn: 1,
  fail: 2,
  unknown: 3,
};

/**
 * Audits a text as the definition of the next start.
 * @throws XmlError when it cannot be parsed
 */
export function auditText(text: string, context: PatchContext): AuditedText {
  const { libvirtVersion, policy, leaveAlone } = context;
  const domain = parseDomain(text);
  const definition = withStatedGuest(describeDomain(domain, libvirtVersion), policy);
  const findings = findingsOn(definition, context).map((finding) =>
    leaveAlone?.has(finding.check) ? { ...finding, remedy: [] } : finding,
  );
  return { text, domain, definition, findings };
}

/** What the checks that judge a definition alone find, as far as the policy has them. */
export function findingsOn(
  definition: DomainDefinition,
  { host, policy }: Pick<PatchContext, 'host' | 'policy'>,
): Finding[] {
  const fact = known(definition, 'the definition');
  return [
    ...DEFINITION_CHECKS.map((check) => evaluateDefinition(check, fact, host, policy)),
    ...evaluateDomain(agentChannel, alone(fact), host, policy),
  ].filter(({ check }) => isEnabled(policy, check));
}

/** Whether something is wrong for which there is a remedy. */
export function needsMending({ outcome, remedy }: Finding): boolean {
  return (outcome === 'warn' || outcome === 'fail') && remedy.length > 0;
}

/** Whether a check came out well. */
export function isWell(id: string, { findings }: AuditedText): boolean {
  return RANK[outcomeOf(id, findings)] === 0;
}

/**
 * The findings of `now` that are worse than they were. One that nobody wants mended counts as worse only where the check
 * had something to judge before: to lack the synthetic timers is no new fault of a guest that just got its clock.
 */
export function worsened(
  { findings: before }: AuditedText,
  { findings: now }: AuditedText,
  leaveAlone: ReadonlySet<string> = new Set(),
): Finding[] {
  return now.filter(({ check, outcome }) => {
    const was = outcomeOf(check, before);
    return RANK[outcome] > RANK[was] && !(was === 'not-applicable' && leaveAlone.has(check));
  });
}

function outcomeOf(id: string, findings: readonly Finding[]): Outcome {
  return findings.find(({ check }) => check === id)?.outcome ?? 'unknown';
}

/** A domain of which there is nothing but the definition that the next start will use. */
function alone(inactive: Known<DomainDefinition>): DomainSituation {
  const nobody = leftOut('the definition', 'only the definition is looked at');
  return {
    definitions: { inactive },
    state: nobody,
    persistent: nobody,
    managedSave: nobody,
    saved: null,
    process: null,
    taints: null,
  };
}
