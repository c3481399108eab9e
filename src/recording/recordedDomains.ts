import type { DomainFacts } from '../facts/domain.js';
import { type Fact, known } from '../facts/fact.js';
import type { SourceFacts } from '../facts/facts.js';
import type { Recording, VirshDomain } from './recording.js';

/** The domains of a recorded machine, and where they were found. */
export interface RecordedDomains {
  readonly sources: readonly SourceFacts[];
  readonly domains: readonly DomainFacts[];
}

/** Turns what was recorded of domains into what an audit knows of them. */
export function recordedDomains({ origin, virsh }: Recording): RecordedDomains {
  if (virsh === null) return { sources: [], domains: [] };
  const location = `${virsh.uri} on ${origin}`;
  const { libvirtVersion } = virsh;
  return {
    sources: [{ kind: 'libvirt', location, ...(libvirtVersion !== null && { libvirtVersion }) }],
    domains: virsh.domains.map((domain) => fromVirsh(domain, location)),
  };
}

function fromVirsh(
  { name, uuid, state, persistent, managedSave, live, inactive }: VirshDomain,
  source: string,
): DomainFacts {
  const text = (xml: Fact<string>) =>
    xml.known ? known({ xml: xml.value, origin: 'dumpxml' } as const, xml.source) : xml;
  return {
    ...{ name, uuid, source, state, persistent, managedSave },
    definitions: { ...(live && { live: text(live) }), ...(inactive && { inactive: text(inactive) }) },
  };
}
