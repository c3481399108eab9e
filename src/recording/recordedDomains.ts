import type { DomainFacts } from '../facts/domain.js';
import { type Fact, known } from '../facts/fact.js';
import type { Problem, SourceFacts } from '../facts/facts.js';
import type { QemuProcess } from '../facts/process.js';
import { readBoundedInAll } from '../qemu/boundedFile.js';
import { readQemuProcess } from '../qemu/process.js';
import { recordedFileDomains } from './recordedFileDomains.js';
import type { Recording, VirshDomain } from './recording.js';

/** The largest recording that a host may send holds less. */
const MOST_PROCESS_BYTES = 128 * 1024 * 1024;

/** The domains of a recorded machine, and where they were found. */
export interface RecordedDomains {
  readonly sources: readonly SourceFacts[];
  readonly domains: readonly DomainFacts[];
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
}

/** Finds the process of a domain that runs; undefined where none was recorded. */
export type RecordedProcessOf = (domain: { name: string; uuid: string }) => Fact<QemuProcess> | undefined;

/**
 * Turns what was recorded of domains into what an audit knows of them.
 * @param root - where the recorded files lie
 */
export async function recordedDomains(recording: Recording, root: string): Promise<RecordedDomains> {
  const { origin, virsh } = recording;
  const processOf = processFinder(recording, root);
  if (virsh === null) return recordedFileDomains(recording, processOf);
  const location = `${virsh.uri} on ${origin}`;
  const { libvirtVersion, listMissing, vanished = [] } = virsh;
  return {
    sources: [{ kind: 'libvirt', location, ...(libvirtVersion !== null && { libvirtVersion }) }],
    domains: virsh.domains.map((domain) => fromVirsh(domain, location, processOf)).sort(byName),
    problems:
      listMissing === undefined ? [] : [{ target: location, cause: 'no-answer', reason: listMissing }],
    notes: vanished.map((uuid) => `domain ${uuid} vanished while ${origin} was recorded and was left out`),
  };
}

/** libvirt lists in the order of a hash table, which no two runs share. */
function byName(one: DomainFacts, other: DomainFacts): number {
  return one.name < other.name ? -1 : 1;
}

function processFinder({ stateDirectories, hiddenEnvironments }: Recording, root: string): RecordedProcessOf {
  if (stateDirectories === undefined || stateDirectories.length === 0) return () => undefined;
  const read = readBoundedInAll(MOST_PROCESS_BYTES);
  return (domain) => {
    const process = readQemuProcess(domain, stateDirectories, root, read);
    if (!process.known || !hiddenEnvironments?.has(process.value.pid)) return process;
    return known({ ...process.value, tz: null, tzRead: false }, process.source);
  };
}

function fromVirsh(domain: VirshDomain, source: string, processOf: RecordedProcessOf): DomainFacts {
  const { name, uuid, state, persistent, managedSave, live, inactive, saved, taints } = domain;
  const text = (xml: Fact<string>) =>
    xml.known ? known({ xml: xml.value, origin: 'dumpxml' } as const, xml.source) : xml;
  const process = live && processOf(domain);
  return {
    ...{ name, uuid, source, state, persistent, managedSave },
    definitions: { ...(live && { live: text(live) }), ...(inactive && { inactive: text(inactive) }) },
    ...(saved && { savedDefinition: text(saved) }),
    ...(process && { process }),
    ...(taints && { taints }),
  };
}
