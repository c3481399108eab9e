import { definitionOf } from '../domxml/readings.js';
import type { DomainDefinition } from '../facts/definition.js';
import type { DefinitionText, DomainFacts } from '../facts/domain.js';
import type { Fact } from '../facts/fact.js';
import type { Facts } from '../facts/facts.js';
import type { QemuProcess } from '../facts/process.js';
import type { DomainSituation } from '../facts/situation.js';
import type { Policy } from '../policy/policy.js';
import { withStatedGuest } from '../policy/statedGuest.js';

/** Finds the version of the libvirt that a domain comes from; null where its source does not tell. */
export function libvirtVersions({ sources }: Facts): (domain: DomainFacts) => string | null {
  const versions = new Map(sources.map(({ location, libvirtVersion }) => [location, libvirtVersion]));
  return ({ source }) => versions.get(source) ?? null;
}

/**
 * A domain with its texts read; a text that was not read stays unknown for the same reason.
 * @param policy - has the last word on what the guests are
 */
export function situationOf(
  domain: DomainFacts,
  libvirtVersion: string | null,
  policy: Policy,
): DomainSituation {
  const process = domain.process?.known ? domain.process.value : null;
  const read = (text: Fact<DefinitionText>, running: QemuProcess | null): Fact<DomainDefinition> => {
    if (!text.known) return text;
    const definition = definitionOf(text.value, libvirtVersion, running);
    if (!definition.known) return { ...definition, source: text.source };
    return { known: true, value: withStatedGuest(definition.value, policy), source: text.source };
  };
  const { live, inactive } = domain.definitions;
  return {
    definitions: {
      ...(live && { live: read(live, process) }),
      ...(inactive && { inactive: read(inactive, null) }),
    },
    state: domain.state,
    persistent: domain.persistent,
    managedSave: domain.managedSave,
    saved: domain.savedDefinition ? read(domain.savedDefinition, null) : null,
    process: domain.process ?? null,
    taints: domain.taints ?? null,
  };
}
