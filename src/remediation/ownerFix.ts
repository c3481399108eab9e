/** What the layer that owns a domain has to be told, so that a fix outlives the next time it writes the definition. */
export interface OwnerFix {
  /** How an operator names that layer. */
  readonly owner: string;
  /** What to do, in that order. */
  readonly steps: readonly OwnerStep[];
  /** The event that undoes an edit of the XML, as a sentence without a full stop. */
  readonly undoneBy: string;
}

/** One thing to do, and the command that does it. */
export interface OwnerStep {
  /** One sentence without a full stop: what it does, and what must be known about it. */
  readonly about: string;
  /** A shell command with the right values; null where it has to be done in another way. */
  readonly command: string | null;
  /** The ids of the checks that it mends. */
  readonly checks: readonly string[];
}
