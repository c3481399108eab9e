import { parseDomain } from '../../domxml/definition.js';
import { child } from '../../domxml/tree.js';
import { XmlError } from '../../domxml/xmlError.js';
import { type Fact, known, unknown } from '../../facts/fact.js';
import type { Problem } from '../../facts/facts.js';
import type { VirshDomain, VirshRecord } from '../recording.js';
import { domainInformation } from '../virshInformation.js';
import type { Collected } from './collected.js';
import { outputOf } from './commandOutput.js';

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

const DUMP = /^sos_commands\/[\w-]+\/virsh_-r_dumpxml_/;
const INFO = /^sos_commands\/[\w-]+\/virsh_-r_dominfo_/;
const DEFINITION = /^etc\/libvirt\/qemu\/[^/]+\.xml$/;

/**
 * Reads what `virsh -r` printed. A domain's name and UUID come from its XML, for sos makes names of files of them in
 * which much is changed.
 */
export function readVirsh(report: Collected): ReportedVirsh {
  const list = outputOf(report, 'virsh_-r_list_--all');
  const listed = list === null ? null : listedDomains(list);
  if (listed === null) {
    const complaint = /^error: (.*)$/m.exec(list ?? '')?.[1]?.slice(0, 200);
    return {
      virsh: null,
      virshMissing: complaint ?? 'the sosreport has no list of its domains',
      problems: [],
    };
  }
  const problems: Problem[] = [];
  const dumps = texts(report, DUMP).flatMap(([path, text]) => dumpOf(path, text, problems));
  const definitions = new Map(
    texts(report, DEFINITION).flatMap(([path, text]) =>
      dumpOf(path, text, []).map((dump) => [dump.uuid, dump] as const),
    ),
  );
  const infos = new Map(texts(report, INFO).map(([, text]) => [UUID.exec(text)?.[1], text] as const));
  const domains = dumps.map((dump) => domainOf(dump, infos.get(dump.uuid) ?? '', definitions.get(dump.uuid)));
  const found = new Set(dumps.map(({ name }) => name));
  for (const name of listed) {
    if (found.has(name)) continue;
    const reason = 'virsh listed it, but the sosreport does not hold its XML';
    problems.push({ target: name, cause: 'not-in-sosreport', reason });
  }
  const version = outputOf(report, 'virsh_-r_version') ?? '';
  const libvirt = /^Using library: libvirt (\d+\.\d+\.\d+)\s*$/m.exec(version)?.[1];
  const qemu = /^Running hypervisor: QEMU (\d+\.\d+\.\d+)\s*$/m.exec(version)?.[1];
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

/** A state may be two words, as may a name; before libvirt 4.10 there is a single blank behind a long name. */
const LISTED =
  /^\s*(?:\d+|-)\s+(\S.*?)\s+(?:running|idle|paused|in shutdown|shut off|crashed|pmsuspended|no state)\s*$/;

/** The names of a list of domains; null for what is none. */
function listedDomains(text: string): ReadonlySet<string> | null {
  const lines = text.split('\n');
  const rule = lines.findIndex((line) => /^-{10,}\s*$/.test(line));
  if (rule < 1 || !/^\s*Id\s+Name\s+State\s*$/.test(lines[rule - 1] ?? '')) return null;
  return new Set(lines.slice(rule + 1).flatMap((line) => LISTED.exec(line)?.[1] ?? []));
}

function dumpOf(path: string, text: string, problems: Problem[]): Dump[] {
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
    ...(runs && info.taints && { taints: known(info.taints, source) }),
  };
}

const UUID = /^UUID:[ \t]+([0-9a-f-]{36})\s*$/m;
