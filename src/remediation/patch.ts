import type { Outcome } from '../checks/check.js';
import { agentChannel } from '../checks/domain/agentChannel.js';
import { evaluateDefinition, evaluateDomain } from '../checks/engine.js';
import type { Finding } from '../checks/finding.js';
import { DEFINITION_CHECKS } from '../checks/registry.js';
import { describeDomain, parseDomain } from '../domxml/definition.js';
import type { DomainDefinition } from '../facts/definition.js';
import { known, leftOut } from '../facts/fact.js';
import type { HostFacts } from '../facts/host.js';
import type { DomainSituation } from '../facts/situation.js';
import { isEnabled } from '../policy/judgement.js';
import type { Policy } from '../policy/policy.js';
import { withStatedGuest } from '../policy/statedGuest.js';
import type { Change } from './change.js';
import { operationsFor } from './clockOperations.js';
import { applyEdits } from './edit.js';
import { changesOf, editsOf } from './operation.js';

/** What a patch has to be right about. */
export interface PatchContext {
  readonly libvirtVersion: string | null;
  readonly host: HostFacts;
  readonly policy: Policy;
  /** The ids of the checks that nobody wants mended for this domain; none without it. */
  readonly leaveAlone?: ReadonlySet<string>;
}

/** What is changed for the sake of one check. */
export interface PatchStep {
  /** The check's id. */
  readonly check: string;
  readonly changes: readonly Change[];
}

/** What can be done about a definition's findings. */
export type PatchPlan =
  | { readonly kind: 'nothing-to-fix' }
  | { readonly kind: 'refused'; readonly because: string }
  | {
      readonly kind: 'patch';
      readonly after: string;
      /** The same as changes of the document's structure, one after the other. */
      readonly steps: readonly PatchStep[];
      /** Ids of the checks it mends. */
      readonly mends: readonly string[];
    };

/** More rounds than there are places that can decide one clock. */
const MAX_ROUNDS = 24;
const RANK: Readonly<Record<Outcome, number>> = {
  pass: 0,
  info: 0,
  'not-applicable': 0,
  warn: 1,
  fail: 2,
  unknown: 3,
};

/**
 * Plans the smallest edit that makes the fixable checks pass: one intent at a time, parsing and judging the
 * text anew after each. The result is only handed out when it was audited again and found better: every check
 * that was to be mended passes, none came out worse, and nothing is left to do.
 * @throws XmlError when the text cannot be parsed
 */
export function planPatch(before: string, context: PatchContext): PatchPlan {
  const first = audit(before, context);
  const [rejection] = first.definition.rejections;
  if (rejection)
    return { kind: 'refused', because: `libvirt's QEMU driver refuses the definition: ${rejection}` };
  if (!first.findings.some(needsMending)) return { kind: 'nothing-to-fix' };
  let text = before;
  let audited = first;
  const steps: PatchStep[] = [];
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const { domain, definition, findings } = audited;
    const [wrong] = findings.filter(needsMending);
    const [intent] = wrong?.remedy ?? [];
    if (!wrong || !intent) return verify(text, steps, first.findings, findings);
    const operations = operationsFor(intent, text, domain, definition);
    const next = applyEdits(
      text,
      operations.flatMap((operation) => editsOf(text, operation)),
    );
    if (next === text) {
      return { kind: 'refused', because: `the text offers no place where an edit would help ${wrong.check}` };
    }
    steps.push({ check: wrong.check, changes: changesOf(operations) });
    text = next;
    audited = audit(text, context);
  }
  return { kind: 'refused', because: 'no series of edits was found that makes every check pass' };
}

function verify(
  after: string,
  steps: readonly PatchStep[],
  before: readonly Finding[],
  now: readonly Finding[],
): PatchPlan {
  const outcomeOf = (id: string) => now.find(({ check }) => check === id)?.outcome ?? 'unknown';
  const worse = before.find(({ check, outcome }) => RANK[outcomeOf(check)] > RANK[outcome]);
  if (worse) return { kind: 'refused', because: `every edit that was tried makes ${worse.check} worse` };
  const targets = before.filter(needsMending);
  const open = targets.find(({ check }) => RANK[outcomeOf(check)] > 0);
  if (open) return { kind: 'refused', because: `no edit was found that makes ${open.check} pass` };
  return { kind: 'patch', after, steps, mends: targets.map(({ check }) => check) };
}

function needsMending({ outcome, remedy }: Finding): boolean {
  return (outcome === 'warn' || outcome === 'fail') && remedy.length > 0;
}

function audit(text: string, { libvirtVersion, host, policy, leaveAlone }: PatchContext) {
  const domain = parseDomain(text);
  const definition = withStatedGuest(describeDomain(domain, libvirtVersion), policy);
  const fact = known(definition, 'the definition');
  const findings = [
    ...DEFINITION_CHECKS.map((check) => evaluateDefinition(check, fact, host, policy)),
    ...evaluateDomain(agentChannel, alone(definition), host, policy),
  ]
    .filter(({ check }) => isEnabled(policy, check))
    .map((finding) => (leaveAlone?.has(finding.check) ? { ...finding, remedy: [] } : finding));
  return { domain, definition, findings };
}

/** A domain of which there is nothing but the definition that the next start will use. */
function alone(definition: DomainDefinition): DomainSituation {
  const nobody = leftOut('the definition', 'only the definition is looked at');
  return {
    definitions: { inactive: known(definition, 'the definition') },
    state: nobody,
    persistent: nobody,
    managedSave: nobody,
    saved: null,
    process: null,
    taints: null,
  };
}
