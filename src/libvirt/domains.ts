import type { DefinitionText, DomainFacts } from '../facts/domain.js';
import type { Fact } from '../facts/fact.js';
import type { Problem, SourceFacts } from '../facts/facts.js';
import type { QemuProcess } from '../facts/process.js';
import { Connection } from './connection.js';
import { DomainDraft, type Witness } from './domainDraft.js';
import type { DomainHandle } from './domainHandle.js';
import { type DomainStatus, readStatuses } from './domainStates.js';
import { connectionProblem, unknownBecause } from './failures.js';
import { askHypervisor, type HypervisorAnswers, type HypervisorQuestions } from './hypervisor.js';
import { Lanes } from './lanes.js';
import { DeadlineExceeded } from './pendingCalls.js';
import { askAll } from './questions.js';

/** What to read from a hypervisor. */
export interface DomainRequest {
  readonly uri: string;
  /** The longest wait for any one answer. */
  readonly deadlineSeconds: number;
  readonly wants: (domain: { name: string; uuid: string; active: boolean }) => boolean;
  /** Names and UUIDs that must exist; each that does not becomes a problem with libvirt's own error. */
  readonly required: readonly string[];
  /** Finds the QEMU of a domain that runs; undefined where none is to be looked for. */
  readonly processOf?: NonNullable<Witness['processOf']>;
  /** Called as each text arrives, while others are still on their way, with the QEMU that runs it. */
  readonly onText?: (text: DefinitionText, source: SourceFacts, process: QemuProcess | null) => void;
  /** Decides, from what was read, what is worth asking about the hypervisor itself. */
  readonly hypervisorQuestions?: (
    domains: readonly DomainFacts[],
    source: SourceFacts,
  ) => HypervisorQuestions;
}

/** What was read, as far as it went. */
export interface DomainsAnswer {
  readonly source: SourceFacts;
  readonly domains: readonly DomainFacts[];
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
  readonly hypervisor: HypervisorAnswers;
}

/** Reads every wanted domain of a hypervisor. Never throws: what fails is in the answer. */
export async function readDomains(request: DomainRequest): Promise<DomainsAnswer> {
  const location = request.uri;
  let connection: Connection;
  try {
    connection = await Connection.open(request.uri, request.deadlineSeconds);
  } catch (error) {
    const source: SourceFacts = { kind: 'libvirt', location };
    const problems = [connectionProblem(location, error)];
    return { source, domains: [], problems, notes: [], hypervisor: {} };
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
  hypervisor: HypervisorAnswers = {};

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
      const questions = this.#request.hypervisorQuestions?.(this.domains, this.source);
      if (questions) this.hypervisor = await askHypervisor(this.#connection, questions);
    } catch (error) {
      this.problems.push(connectionProblem(this.source.location, error));
    } finally {
      this.#connection.release(handles);
    }
  }

  async #readAll(handles: readonly DomainHandle[], status: StatusOf): Promise<DomainFacts[]> {
    const { processOf, onText } = this.#request;
    const witness: Witness = {
      ...(processOf && { processOf }),
      ...(onText && { onText: (text, process) => onText(text, this.source, process) }),
    };
    const drafts = handles.map((domain) => new DomainDraft(domain, status(domain), witness));
    const lanes = new Lanes(this.#connection, handles);
    const texts = drafts.flatMap((draft) => draft.textQuestions());
    const vanished = new Set(await askAll(lanes, texts));
    // Texts first: an image on storage that does not answer must not hold them up.
    const left = drafts.filter(({ domain }) => !vanished.has(domain.uuid));
    const further = left.flatMap((draft) => draft.furtherQuestions());
    for (const uuid of await askAll(lanes, further)) vanished.add(uuid);
    await lanes.close();
    for (const { domain } of drafts) {
      if (!vanished.has(domain.uuid)) continue;
      this.notes.push(`domain ${domain.name} vanished while the audit ran and was left out`);
    }
    return drafts
      .filter(({ domain }) => !vanished.has(domain.uuid))
      .map((draft) => draft.facts(this.source.location));
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
