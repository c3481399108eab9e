import { expect } from 'chai';
import type { HostCheck } from '../../src/checks/check.js';
import { evaluateHost } from '../../src/checks/engine.js';
import type { Finding } from '../../src/checks/finding.js';
import type { DomainDefinition } from '../../src/facts/definition.js';
import { known } from '../../src/facts/fact.js';
import { type HostFacts, hostLeftOut } from '../../src/facts/host.js';
import { DEFAULT_POLICY, type Policy } from '../../src/policy/policy.js';

/** A finding about a host of which only some facts are known; the check's documentation must have its outcome. */
export function findingOnHost(
  check: HostCheck,
  facts: Partial<HostFacts>,
  guests: readonly DomainDefinition[] = [],
  policy: Partial<Policy> = {},
): Finding {
  const host = { ...hostLeftOut('left out by the test'), ...facts };
  const finding = evaluateHost(check, host, { ...DEFAULT_POLICY, ...policy }, guests);
  expect(Object.keys(check.outcomes), `documented outcomes of ${check.id}`).to.include(finding.outcome);
  expect(finding.observed).to.not.equal('');
  const wrong = finding.outcome === 'warn' || finding.outcome === 'fail';
  expect(finding.expected !== undefined, 'says what would pass').to.equal(wrong);
  return finding;
}

/** The same in short, as `outcome code`. */
export function verdictOnHost(...about: Parameters<typeof findingOnHost>): string {
  const { outcome, code } = findingOnHost(...about);
  return `${outcome} ${code}`;
}

export const x86 = { architecture: known('x86_64', 'uname -m') };
export const arm = { architecture: known('aarch64', 'uname -m') };
