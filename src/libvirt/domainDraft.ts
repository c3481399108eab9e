import type { DefinitionKind, DefinitionText, DomainFacts } from '../facts/domain.js';
import { type Fact, known } from '../facts/fact.js';
import type { QemuProcess } from '../facts/process.js';
import type { DomainHandle } from './domainHandle.js';
import type { DomainStatus } from './domainStates.js';
import type { Question } from './questions.js';

/** Who is told of a domain while it is being read. */
export interface Witness {
  /** Finds the QEMU of a domain that runs; undefined where none is to be looked for. */
  readonly processOf?: (domain: { name: string; uuid: string }) => Fact<QemuProcess> | undefined;
  /** Called as each text arrives, while others are still on their way, with the QEMU that runs it. */
  readonly onText?: (text: DefinitionText, process: QemuProcess | null) => void;
}

/** `VIR_DOMAIN_XML_INACTIVE` */
const XML_INACTIVE = 2;

/** A domain on its way from libvirt's handle to facts: it knows what is to be asked and keeps the answers. */
export class DomainDraft {
  readonly domain: DomainHandle;
  readonly #status: Fact<DomainStatus>;
  readonly #witness: Witness;
  readonly #definitions: Partial<Record<DefinitionKind, Fact<DefinitionText>>> = {};
  #saved: Fact<DefinitionText> | undefined;
  #taints: Fact<readonly string[]> | undefined;
  #process: Fact<QemuProcess> | undefined;

  constructor(domain: DomainHandle, status: Fact<DomainStatus>, witness: Witness) {
    this.domain = domain;
    this.#status = status;
    this.#witness = witness;
  }

  /** The live text of what runs, and the text that the next start will use of what is persistent. */
  textQuestions(): Question[] {
    const { domain } = this;
    const text = (kind: DefinitionKind, flags: number): Question<string> => ({
      domain,
      call: 'virDomainGetXMLDesc',
      ask: (connection, handle) => connection.xml(handle, flags),
      answered: (xml) => {
        // The process must be there before the text of what runs is read, which it outweighs.
        if (kind === 'live') this.#process = this.#witness.processOf?.(domain);
        this.#definitions[kind] = this.#received(xml, kind === 'live' ? this.#process : undefined);
      },
    });
    const inactive = text('inactive', XML_INACTIVE);
    if (!domain.active) return [inactive];
    const transient = this.#status.known && !this.#status.value.persistent;
    return transient ? [text('live', 0)] : [text('live', 0), inactive];
  }

  /** What a managed save image would bring back, and what taints a domain that runs. */
  furtherQuestions(): Question[] {
    const { domain } = this;
    const saved: Question<string> = {
      domain,
      call: 'virDomainManagedSaveGetXMLDesc',
      ask: (connection, handle) => connection.savedXml(handle),
      answered: (xml) => {
        this.#saved = this.#received(xml, undefined);
      },
    };
    const taints: Question<readonly string[]> = {
      domain,
      call: 'virDomainGetMessages',
      ask: (connection, handle) => connection.taints(handle),
      answered: (messages) => {
        this.#taints = messages;
      },
    };
    const hasImage = this.#status.known && this.#status.value.managedSave;
    return [...(hasImage ? [saved] : []), ...(domain.active ? [taints] : [])];
  }

  /** What has been read. */
  facts(source: string): DomainFacts {
    const { name, uuid } = this.domain;
    const listed = <T>(pick: (value: DomainStatus) => T): Fact<T> =>
      this.#status.known ? known(pick(this.#status.value), this.#status.source) : this.#status;
    return {
      name,
      uuid,
      source,
      state: listed(({ state }) => state),
      persistent: listed(({ persistent }) => persistent),
      managedSave: listed(({ managedSave }) => managedSave),
      definitions: this.#definitions,
      ...(this.#saved && { savedDefinition: this.#saved }),
      ...(this.#process && { process: this.#process }),
      ...(this.#taints && { taints: this.#taints }),
    };
  }

  #received(xml: Fact<string>, process: Fact<QemuProcess> | undefined): Fact<DefinitionText> {
    if (!xml.known) return xml;
    const text: DefinitionText = { xml: xml.value, origin: 'dumpxml' };
    this.#witness.onText?.(text, process?.known ? process.value : null);
    return known(text, xml.source);
  }
}
