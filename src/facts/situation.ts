import type { DomainDefinition } from './definition.js';
import type { DefinitionKind, DomainState } from './domain.js';
import type { Fact } from './fact.js';
import type { QemuProcess } from './process.js';

/** What is known of a domain's two definitions; a file or a stopped domain has only one. */
export type Definitions = Readonly<Partial<Record<DefinitionKind, Fact<DomainDefinition>>>>;

/** A domain as a whole: what runs, what the next start will use, and what may come between them. */
export interface DomainSituation {
  readonly definitions: Definitions;
  readonly state: Fact<DomainState>;
  readonly persistent: Fact<boolean>;
  readonly managedSave: Fact<boolean>;
  /** The definition in the managed save image; null where there is no image, or nobody knows of one. */
  readonly saved: Fact<DomainDefinition> | null;
  /** The QEMU that runs; null where none does. */
  readonly process: Fact<QemuProcess> | null;
  /** libvirt's taints; null where nothing runs. */
  readonly taints: Fact<readonly string[]> | null;
}
