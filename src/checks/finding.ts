import type { DefinitionKind } from '../facts/domain.js';
import type { LibvirtErrorRecord } from '../facts/fact.js';
import type { Outcome } from './check.js';
import type { Intent } from './intent.js';

/** One check's answer about one thing. */
export interface Finding {
  readonly check: string;
  readonly outcome: Outcome;
  /** A stable identifier of the case, or of the cause why it is unknown. */
  readonly code: string;
  /** The check's title in the wording that fits the outcome. */
  readonly title: string;
  readonly observed: string;
  readonly expected?: string;
  readonly detail?: string;
  /** Which definition the finding is about, when the two of a domain differ; absent when it is about both. */
  readonly definition?: DefinitionKind;
  /** Which facts it rests on, and where they were read. */
  readonly evidence: readonly { readonly fact: string; readonly source: string }[];
  readonly remedy: readonly Intent[];
  readonly libvirtError?: LibvirtErrorRecord;
}
