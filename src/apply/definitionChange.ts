/** What came of one domain. */
export type ChangeOutcome =
  /** The persistent definition was replaced. */
  | 'changed'
  /** It would be, without `--dry-run`. */
  | 'would-change'
  /** There was nothing to change. */
  | 'unchanged'
  /** Something is wrong, but it is not changed here; the reason tells why. */
  | 'refused'
  /** It was tried and did not work; `definition` tells which one is in force. */
  | 'failed'
  /** An interruption came before it. */
  | 'not-tried';

/** What became of the definition of one domain: the plain result that every format is made from. */
export interface DefinitionChange {
  /** Chosen by whoever created the domain: not to be trusted. */
  readonly name: string;
  readonly uuid: string | null;
  readonly outcome: ChangeOutcome;
  /** True when the definition was replaced, and with `--dry-run` when it would be. */
  readonly changed: boolean;
  /**
   * Which persistent definition the domain has now: `none` when it was taken away meanwhile, `unknown` when libvirt did
   * not answer any more.
   */
  readonly definition: 'old' | 'new' | 'none' | 'unknown';
  /** Why it was refused or failed, with what to do. */
  readonly reason: string | null;
  /** The ids of the checks that the new definition mends. */
  readonly mends: readonly string[];
  /** A unified diff of the two definitions, without passwords; null where nothing is to be changed. */
  readonly diff: string | null;
  /** The file that holds the definition as it was, with its passwords; null where none was written. */
  readonly backup: string | null;
  /** The command that puts the old definition back, for a POSIX shell; null where nothing was replaced. */
  readonly undo: string | null;
  /** What an operator must know, before and after. */
  readonly remarks: readonly string[];
}

/** The report of a definition that nothing was done to; `would-change` counts as changed. */
export function untouched(
  { name, uuid }: Pick<DefinitionChange, 'name' | 'uuid'>,
  outcome: ChangeOutcome,
  reason: string | null,
): DefinitionChange {
  return {
    name,
    uuid,
    outcome,
    changed: outcome === 'would-change',
    definition: 'old',
    reason,
    mends: [],
    diff: null,
    backup: null,
    undo: null,
    remarks: [],
  };
}
