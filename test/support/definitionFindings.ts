import { agentChannel } from '../../src/checks/domain/agentChannel.js';
import { evaluateDefinition, evaluateDomain } from '../../src/checks/engine.js';
import type { Finding } from '../../src/checks/finding.js';
import { DEFINITION_CHECKS } from '../../src/checks/registry.js';
import { readDefinition } from '../../src/domxml/definition.js';
import { known } from '../../src/facts/fact.js';
import type { PatchContext } from '../../src/remediation/patch.js';
import { situationOf } from './definitions.js';

/** What the checks say of the text of one definition, by their ids. */
export function definitionFindings(xml: string, context: PatchContext): Map<string, Finding> {
  const definition = readDefinition(xml, context.libvirtVersion);
  const situation = situationOf({ inactive: definition });
  const fact = known(definition, 'test');
  return new Map(
    [
      ...DEFINITION_CHECKS.map((check) => evaluateDefinition(check, fact, context.host, context.policy)),
      ...evaluateDomain(agentChannel, situation, context.host, context.policy),
    ].map((finding) => [finding.check, finding]),
  );
}

/** 0 for an outcome that asks nothing of anybody; the higher, the worse. */
export function severityOf(finding: Finding | undefined): number {
  return ['warn', 'fail', 'unknown'].indexOf(finding?.outcome ?? '') + 1;
}
