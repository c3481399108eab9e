import { parseDomain } from '../../domxml/definition.js';
import { MAX_BYTES, TooLarge } from '../../domxml/sourceText.js';
import { child } from '../../domxml/tree.js';
import { XmlError } from '../../domxml/xmlError.js';
import { type Fact, known, unknown } from '../../facts/fact.js';
import type { Problem } from '../../facts/facts.js';
import type { VirshDomain, VirshRecord } from '../recording.js';
import { domainInformation } from '../virshInformation.js';
import type { Collected } from './collected.js';
import { outputOf } from './commandOutput.js';
import { type ListedDomains, listedDomains } from './virshList.js';

/** What a report tells of a hypervisor that virsh was asked about. */
export interface ReportedVirsh {
  /** null where virsh was not asked, or got no answer. */
  readonly virsh: VirshRecord | null;
  /** Why it is null. */
  readonly virshMissing?: string;
  readonly problems: readonly Problem[];
}

interface Dump {
  readonly name: string;
  readonly uuid: string;
  readonly runs: boolean;
  readonly xml: string;
  readonly path: string;
}

const LIST = 'virsh -r list --all';
const DUMP = /^sos_commands\/[\w-]+\/virsh_-r_dumpxml_/;
const INFO = /^sos_commands\/[\w-]+\/virsh_-r_dominfo_/;
const DEFINITION = /^etc\/libvirt\/qemu\/[^/]+\.xml$/;

/** sos never runs `virsh managedsave-dumpxml`, but whoever has the hypervisor can. */
const IMAGE_NOT_SEEN = unknown(
  'virsh managedsave-dumpxml',
  'not-in-sosreport',
  'there is a managed save image, and sos report does not collect which definition is in it; virsh managedsave-dumpxml tells there',
);

/**
 * Reads what `virsh -r` printed. A domain's name and UUID come from its XML, for sos makes names of files of them in
 * which much is changed.
 */
export function readVirsh(report: Collected): ReportedVirsh {
  const list = outputOf(report, 'virsh_-r_list_--all');
  const listed = list === null ? null : listedDomains(list);
  const problems: Problem[] = [];
  const dumps = byUuid(texts(report, DUMP).flatMap(([path, text]) => dumpOf(path, text, problems)));
  if (listed === null) {
    const complaint = /^error: (.*)$/m.exec(list ?? '')?.[1]?.slice(0, 200);
    const missing = complaint ?? 'the sosreport has no list of its domains';
    if (dumps.size === 0) return { virsh: null, virshMissing: missing, problems };
    problems.push(lacksList(missing));
  } else problems.push(...notDumped(listed, [...dumps.values()]));
  const definitions = byUuid(texts(report, DEFINITION).flatMap(([path, text]) => dumpOf(path, text, [])));
  const infos = new Map(texts(report, INFO).map(([, text]) => [UUID.exec(text)?.[1], text] as const));
  const domains = [...dumps.values()].map((dump) =>
    domainOf(dump, infos.get(dump.uuid) ?? '', definitions.get(dump.uuid)),
  );
  const version = outputOf(report, 'virsh_-r_version') ?? '';
  const libvirt = /^Using library: libvirt (\d+\.\d+\.\d+)[ \t]*$/m.exec(version)?.[1];
  const qemu = /^Running hypervisor: QEMU (\d+\.\d+\.\d+)[ \t]*$/m.exec(version)?.[1];
  const capabilities = outputOf(report, 'virsh_-r_capabilities');
  const virsh: VirshRecord = {
    uri: 'qemu:///system',
    libvirtVersion: libvirt ?? null,
    domains,
    capabilities: told(
      capabilities?.includes('<capabilities>') ? capabilities : null,
      'virsh -r capabilities',
    ),
    qemuVersion: told(qemu ?? null, 'virsh -r version'),
  };
  return { virsh, problems };
}

function told(text: string | null, command: string): Fact<string> {
  if (text !== null) return known(text, command);
  return unknown(command, 'not-in-sosreport', `the sosreport does not hold the answer of ${command}`);
}

function texts(report: Collected, form: RegExp): [string, string][] {
  return [...report].flatMap(([path, { entry }]) =>
    form.test(path) && entry.kind === 'file'
      ? [[path, entry.bytes.toString('utf8')] as [string, string]]
      : [],
  );
}

/** A report may have one command's output in the directories of two plugins. The first one counts. */
function byUuid(dumps: readonly Dump[]): ReadonlyMap<string, Dump> {
  const found = new Map<string, Dump>();
  for (const dump of dumps) {
    const key = dump.uuid === '' ? dump.path : dump.uuid;
    if (!found.has(key)) found.set(key, dump);
  }
  return found;
}

function lacksList(missing: string): Problem {
  const reason = `it is not known whether the sosreport holds the XML of all domains: ${missing}`;
  return { target: LIST, cause: 'not-in-sosreport', reason };
}

/** What the list tells of domains that are not among those whose XML is there. */
function notDumped({ names, garbled }: ListedDomains, dumps: readonly Dump[]): Problem[] {
  const found = new Set(dumps.map(({ name }) => name));
  const reason = 'virsh listed it, but the sosreport does not hold its XML';
  const lost = [...names].filter((name) => !found.has(name));
  const problems: Problem[] = lost.map((target) => ({ target, cause: 'not-in-sosreport', reason }));
  const [first] = garbled;
  if (first !== undefined) {
    const count = garbled.length === 1 ? 'a line' : `${garbled.length} lines`;
    const line = first.trim().slice(0, 80);
    const why = `${count} of it cannot be understood, so that a domain may be missing here: '${line}'`;
    problems.push({ target: LIST, cause: 'list-garbled', reason: why });
  }
  return problems;
}

function dumpOf(path: string, text: string, problems: Problem[]): Dump[] {
  if (text.length > MAX_BYTES) {
    problems.push({ target: path, cause: 'too-large', reason: new TooLarge().message });
    return [];
  }
  // virsh says so when a domain went away between the list and this.
  if (/^error: /m.test(text) && !text.includes('<domain')) return [];
  try {
    const domain = parseDomain(text);
    const uuid = child(domain, 'uuid')?.text.trim().toLowerCase() ?? '';
    const name = child(domain, 'name')?.text.trim() ?? '';
    return [{ name, uuid, runs: domain.attributes.id !== undefined, xml: text, path }];
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    const { message, line, column } = error;
    problems.push({ target: path, cause: 'malformed-xml', reason: message, line, column });
    return [];
  }
}

function domainOf(
  { name, uuid, runs, xml, path }: Dump,
  answer: string,
  definition: Dump | undefined,
): VirshDomain {
  const source = 'virsh -r dominfo';
  const info = domainInformation(answer);
  const told = <T>(value: T | null, what: string): Fact<T> =>
    value !== null
      ? known(value, source)
      : unknown(
          source,
          'not-in-sosreport',
          `the sosreport does not tell ${what}: it has no ${source} of the domain`,
        );
  const inactive = (): Fact<string> | null => {
    if (definition) return known(definition.xml, `/${definition.path}`);
    if (info.persistent === false) return null;
    const reason =
      'the sosreport does not hold the definition that the next start will use (/etc/libvirt/qemu)';
    return unknown('/etc/libvirt/qemu', 'not-in-sosreport', reason);
  };
  return {
    ...{ name, uuid },
    state: told(info.state, "the domain's state"),
    persistent: told(info.persistent, 'whether the domain is persistent'),
    managedSave: told(info.managedSave, 'whether there is a managed save image'),
    live: runs ? known(xml, path) : null,
    inactive: runs ? inactive() : known(xml, path),
    ...(info.managedSave === true && { saved: IMAGE_NOT_SEEN }),
    ...(runs && info.taints && { taints: known(info.taints, source) }),
  };
}

const UUID = /^UUID:[ \t]+([0-9a-f-]{36})[ \t]*$/m;
