import { expect } from 'chai';
import { libvirtVersions, situationOf } from '../../src/cli/situation.js';
import type { DomainDefinition } from '../../src/facts/definition.js';
import type { DomainFacts } from '../../src/facts/domain.js';
import type { Fact } from '../../src/facts/fact.js';
import type { Facts } from '../../src/facts/facts.js';
import type { DomainSituation } from '../../src/facts/situation.js';
import { loadFacts } from '../../src/facts/store.js';
import { DEFAULT_POLICY } from '../../src/policy/policy.js';
import { runTool, type ToolOptions } from './runTool.js';

/** Facts as `collect` saved them, with the text that holds them. */
export interface CollectedFacts {
  readonly facts: Facts;
  readonly text: string;
  domain(name: string): DomainFacts;
  /** What the checks are told about a domain. */
  situation(name: string): DomainSituation;
}

/** Collects facts and loads them again. */
export async function collectFacts(
  args: readonly string[],
  options: ToolOptions = {},
): Promise<CollectedFacts> {
  const { stdout: text, stderr } = await runTool(['collect', ...args], options);
  const facts = loadFacts(text);
  expect(stderr.split('\n').length - 1, 'one line for each problem').to.equal(facts.problems.length);
  const versionFor = libvirtVersions(facts);
  function domain(name: string): DomainFacts {
    const found = facts.domains.find((it) => it.name === name);
    if (!found) throw new Error(`no domain is called ${name}`);
    return found;
  }
  return {
    facts,
    text,
    domain,
    situation: (name) => situationOf(domain(name), versionFor(domain(name)), DEFAULT_POLICY),
  };
}

/** The value of a fact that has to be known. */
export function knownValue<T>(fact: Fact<T> | null | undefined): T {
  if (!fact) throw new Error('nobody asked for it');
  if (!fact.known) throw new Error(`unknown: ${fact.reason}`);
  return fact.value;
}

/** The definition of what runs, or of what the next start will use. */
export function definitionIn(situation: DomainSituation, kind: 'live' | 'inactive'): DomainDefinition {
  return knownValue(situation.definitions[kind]);
}
