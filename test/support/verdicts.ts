import { expect } from 'chai';
import type { DefinitionCheck, SituationCheck } from '../../src/checks/check.js';
import { evaluateDefinition, evaluateDomain } from '../../src/checks/engine.js';
import type { Finding } from '../../src/checks/finding.js';
import type { DomainDefinition } from '../../src/facts/definition.js';
import { known } from '../../src/facts/fact.js';
import { type HostFacts, hostLeftOut } from '../../src/facts/host.js';
import type { DomainSituation } from '../../src/facts/situation.js';
import { DEFAULT_POLICY, type Policy } from '../../src/policy/policy.js';

const nobody = hostLeftOut('the host was left out by the test');

/** What a check says of a definition, as `outcome code`; its documentation must have that outcome. */
export function verdictOn(
  check: DefinitionCheck,
  definition: DomainDefinition,
  host: Partial<HostFacts> = {},
  policy: Partial<Policy> = {},
): string {
  const facts = { ...nobody, ...host };
  const finding = evaluateDefinition(check, known(definition, 'test'), facts, {
    ...DEFAULT_POLICY,
    ...policy,
  });
  return told(check, finding);
}

/** What a check says of a domain as a whole. */
export function verdictOnDomain(check: SituationCheck, domain: DomainSituation): string {
  const [finding] = evaluateDomain(check, domain, nobody, DEFAULT_POLICY);
  return told(check, finding as Finding);
}

function told(check: DefinitionCheck | SituationCheck, { outcome, code, observed }: Finding): string {
  expect(Object.keys(check.outcomes), `documented outcomes of ${check.id}`).to.include(outcome);
  expect(observed).to.not.equal('');
  return `${outcome} ${code}`;
}
