import type { DomainDefinition } from './definition.js';
import type { Fact } from './fact.js';
import type { QemuProcess } from './process.js';

/**
 * `virDomainState`, by number and in virsh's words.
 * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainState}
 */
export const DOMAIN_STATES = [
  'no state',
  'running',
  'idle',
  'paused',
  'in shutdown',
  'shut off',
  'crashed',
  'pmsuspended',
] as const;
export type DomainState = (typeof DOMAIN_STATES)[number];

/** The state of that name; null for no state's name. */
export function domainState(word: string): DomainState | null {
  return DOMAIN_STATES.find((state) => state === word) ?? null;
}

/** Which of a domain's two definitions: the one that runs, or the one that the next start will use. */
export type DefinitionKind = 'live' | 'inactive';

/** The text of a definition, exactly as it was read, and where it came from. */
export interface DefinitionText {
  readonly xml: string;
  /**
   * `dumpxml`: libvirt's output. `file`: a file that can be patched in place. `status`: libvirt's own record of a
   * running domain below `/run/libvirt`, which nobody edits.
   */
  readonly origin: 'dumpxml' | 'file' | 'status';
  /** Present when libvirt gave it with passwords: then it is never saved and never part of a report. */
  readonly secrets?: true;
}

/** One domain as it was found. */
export interface DomainFacts {
  readonly name: string;
  readonly uuid?: string;
  /** Where the domain was found: a libvirt URI or a file. */
  readonly source: string;
  readonly state: Fact<DomainState>;
  readonly persistent: Fact<boolean>;
  /** Whether a managed save image would bring back the definition of when it was saved. */
  readonly managedSave: Fact<boolean>;
  readonly definitions: Readonly<Partial<Record<DefinitionKind, Fact<DefinitionText>>>>;
  /** The definition inside the managed save image; absent where there is no image. */
  readonly savedDefinition?: Fact<DefinitionText>;
  /** The QEMU that runs; absent where none does. */
  readonly process?: Fact<QemuProcess>;
  /**
   * libvirt's taints of a running domain, in its words (`virDomainGetMessages`); absent where none runs.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainGetMessages}
   */
  readonly taints?: Fact<readonly string[]>;
}

/** A definition that was read, with its text. */
export interface ReadDefinition {
  readonly kind: DefinitionKind;
  readonly text: DefinitionText;
  readonly definition: Fact<DomainDefinition>;
}
