import pLimit from 'p-limit';
import type { DefinitionKind, DefinitionText, DomainFacts } from '../facts/domain.js';
import { type Fact, known } from '../facts/fact.js';
import type { Problem, SourceFacts } from '../facts/facts.js';
import { Connection, type DomainHandle, LibvirtError, NO_DOMAIN } from './connection.js';
import { type DomainStatus, readStatuses } from './domainStates.js';
import { connectionProblem, unknownBecause } from './failures.js';
import { DeadlineExceeded } from './pendingCalls.js';

/** What to read from a hypervisor. */
export interface DomainRequest {
  readonly uri: string;
  /** The longest wait for any one answer. */
  readonly deadlineSeconds: number;
  readonly wants: (domain: { name: string; uuid: string; active: boolean }) => boolean;
  /** Names and UUIDs that must exist; each that does not becomes a problem with libvirt's own error. */
  readonly required: readonly string[];
  /** Called as each text arrives, while others are still on their way. */
  readonly onText?: (text: DefinitionText, source: SourceFacts) => void;
}

/** What was read, as far as it went. */
export interface DomainsAnswer {
  readonly source: SourceFacts;
  readonly domains: readonly DomainFacts[];
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
}

/** libvirtd serves this many calls of a client at once (`max_client_requests` is 5) without a complaint. */
const IN_FLIGHT = 4;
/** Few enough that the last ones keep all four busy. */
const BATCH = 8;
/** `VIR_DOMAIN_XML_INACTIVE` */
const XML_INACTIVE = 2;

/** Reads every wanted domain of a hypervisor. Never throws: what fails is in the answer. */
export async function readDomains(request: DomainRequest): Promise<DomainsAnswer> {
  const location = request.uri;
  let connection: Connection;
  try {
    connection = await Connection.open(request.uri, request.deadlineSeconds);
  } catch (error) {
    const source: SourceFacts = { kind: 'libvirt', location };
    return { source, domains: [], problems: [connectionProblem(location, error)], notes: [] };
  }
  const reader = new Reader(connection, request, { kind: 'libvirt', location });
  await reader.read();
  await connection.close();
  return reader;
}

/** The status of a listed domain, or why it is not known. */
type StatusOf = (domain: DomainHandle) => Fact<DomainStatus>;

/** One pass over a hypervisor; keeps what was read when the connection fails half-way. */
class Reader implements DomainsAnswer {
  readonly #connection: Connection;
  readonly #request: DomainRequest;
  source: SourceFacts;
  domains: DomainFacts[] = [];
  readonly problems: Problem[] = [];
  readonly notes: string[] = [];

  constructor(connection: Connection, request: DomainRequest, source: SourceFacts) {
    this.#connection = connection;
    this.#request = request;
    this.source = source;
  }

  async read(): Promise<void> {
    let handles: DomainHandle[] = [];
    try {
      const libvirtVersion = await this.#connection.libvirtVersion();
      this.source = { ...this.source, libvirtVersion };
      handles = await this.#connection.list(0);
      const status = await readStatuses(this.#connection).catch(
        (error): StatusOf =>
          () =>
            unknownBecause('virConnectListAllDomains', error),
      );
      const wanted = handles.filter((domain) => this.#request.wants(domain));
      const domains = await this.#readAll(wanted, status);
      // libvirt lists in the order of a hash table, which no two runs share.
      this.domains = domains.sort((left, right) => (left.name < right.name ? -1 : 1));
      for (const name of this.#request.required) await this.#require(name, handles);
    } catch (error) {
      this.problems.push(connectionProblem(this.source.location, error));
    } finally {
      this.#connection.release(handles);
    }
  }

  async #readAll(handles: readonly DomainHandle[], status: StatusOf): Promise<DomainFacts[]> {
    const jobs = handles.flatMap((domain) =>
      wantedTexts(domain, status(domain)).map((it) => ({ domain, ...it })),
    );
    const texts = new Map<string, Fact<DefinitionText>>();
    const failed: typeof jobs = [];
    const limit = pLimit(IN_FLIGHT);
    await limit.map(batches(jobs), async (batch) => {
      for (const job of batch) {
        const text = await this.#ask(job.domain, job.flags);
        if (text === null) failed.push(job);
        else texts.set(job.domain.uuid + job.kind, text);
      }
    });
    const vanished = new Set<string>();
    // With four calls in flight an error cannot be told from its neighbour's: ask again, one by one.
    for (const job of failed) {
      const text = await this.#askAgain(job.domain, job.flags);
      if (text === 'vanished') vanished.add(job.domain.uuid);
      else texts.set(job.domain.uuid + job.kind, text);
    }
    for (const domain of handles.filter(({ uuid }) => vanished.has(uuid))) {
      this.notes.push(`domain ${domain.name} vanished while the audit ran and was left out`);
    }
    const location = this.source.location;
    return handles
      .filter(({ uuid }) => !vanished.has(uuid))
      .map((domain) => domainFacts(domain, status(domain), location, texts));
  }

  /** @returns null when libvirt refused, for a reason that only asking again can tell */
  async #ask(domain: DomainHandle, flags: number): Promise<Fact<DefinitionText> | null> {
    try {
      const xml = await this.#connection.xml(domain, flags);
      return xml === null ? null : this.#received(xml);
    } catch (error) {
      return unknownBecause('virDomainGetXMLDesc', error);
    }
  }

  async #askAgain(domain: DomainHandle, flags: number): Promise<Fact<DefinitionText> | 'vanished'> {
    try {
      return this.#received(await this.#connection.xmlOrError(domain, flags));
    } catch (error) {
      if (error instanceof LibvirtError && error.record.code === NO_DOMAIN) return 'vanished';
      return unknownBecause('virDomainGetXMLDesc', error);
    }
  }

  #received(xml: string): Fact<DefinitionText> {
    const text: DefinitionText = { xml, origin: 'dumpxml' };
    this.#request.onText?.(text, this.source);
    return known(text, 'virDomainGetXMLDesc');
  }

  async #require(nameOrUuid: string, handles: readonly DomainHandle[]): Promise<void> {
    if (handles.some(({ name, uuid }) => name === nameOrUuid || uuid === nameOrUuid.toLowerCase())) return;
    try {
      this.#connection.release([await this.#connection.lookup(nameOrUuid)]);
    } catch (error) {
      if (error instanceof DeadlineExceeded) throw error;
      const { reason, cause, libvirtError } = unknownBecause('virDomainLookupByName', error);
      this.problems.push({ target: nameOrUuid, cause, reason, ...(libvirtError && { libvirtError }) });
    }
  }
}

/** A task of p-limit costs more than a call to libvirt, so each makes several calls, one after the other. */
function* batches<Job>(jobs: readonly Job[]): Iterable<Job[]> {
  for (let start = 0; start < jobs.length; start += BATCH) yield jobs.slice(start, start + BATCH);
}

/** The live text of what runs, and the text that the next start will use of what is persistent. */
function wantedTexts(
  domain: DomainHandle,
  status: Fact<DomainStatus>,
): { kind: DefinitionKind; flags: number }[] {
  const live = { kind: 'live', flags: 0 } as const;
  const inactive = { kind: 'inactive', flags: XML_INACTIVE } as const;
  if (!domain.active) return [inactive];
  return status.known && !status.value.persistent ? [live] : [live, inactive];
}

function domainFacts(
  domain: DomainHandle,
  status: Fact<DomainStatus>,
  source: string,
  texts: ReadonlyMap<string, Fact<DefinitionText>>,
): DomainFacts {
  const definitions: Partial<Record<DefinitionKind, Fact<DefinitionText>>> = {};
  for (const kind of ['live', 'inactive'] as const) {
    const text = texts.get(domain.uuid + kind);
    if (text) definitions[kind] = text;
  }
  const listed = <T>(pick: (value: DomainStatus) => T): Fact<T> =>
    status.known ? known(pick(status.value), status.source) : status;
  return {
    name: domain.name,
    uuid: domain.uuid,
    source,
    state: listed(({ state }) => state),
    persistent: listed(({ persistent }) => persistent),
    managedSave: listed(({ managedSave }) => managedSave),
    definitions,
  };
}
