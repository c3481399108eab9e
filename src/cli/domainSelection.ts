/** Which domains an audit is about. */
export interface DomainSelection {
  /** Names, UUIDs or globs; empty for all. */
  readonly patterns: readonly string[];
  readonly active: boolean;
  readonly inactive: boolean;
}

/** What the selection looks at. */
export interface Candidate {
  readonly name: string;
  readonly uuid?: string;
  readonly active: boolean;
}

interface Matcher {
  readonly pattern: string;
  readonly matches: (candidate: Candidate) => boolean;
}

/** Decides about domains, and remembers which patterns met one. */
export class DomainSelector {
  readonly #selection: DomainSelection;
  readonly #matchers: readonly Matcher[];
  readonly #met = new Set<string>();

  private constructor(selection: DomainSelection, matchers: readonly Matcher[]) {
    this.#selection = selection;
    this.#matchers = matchers;
  }

  static async create(selection: DomainSelection): Promise<DomainSelector> {
    const matchers = selection.patterns.map(async (pattern) => ({
      pattern,
      matches: await matcher(pattern),
    }));
    return new DomainSelector(selection, await Promise.all(matchers));
  }

  /** The patterns that are plain names or UUIDs, and so must exist. */
  get required(): string[] {
    return this.#selection.patterns.filter((pattern) => !isGlob(pattern));
  }

  /** The patterns that no domain has matched so far. */
  get unmatched(): string[] {
    return this.#selection.patterns.filter((pattern) => !this.#met.has(pattern));
  }

  wants(candidate: Candidate): boolean {
    const matching = this.#matchers.filter(({ matches }) => matches(candidate));
    for (const { pattern } of matching) this.#met.add(pattern);
    const named = this.#matchers.length === 0 || matching.length > 0;
    const { active, inactive } = this.#selection;
    // Neither flag and both flags mean the same: all.
    const inState = active === inactive || (active ? candidate.active : !candidate.active);
    return named && inState;
  }
}

/** Whether a pattern is more than a plain name. */
export function isGlob(pattern: string): boolean {
  return /[*?[\]{}]/.test(pattern);
}

/** Understands a name, a UUID in whatever case, or a glob of names. */
export async function matcher(
  pattern: string,
): Promise<(candidate: Pick<Candidate, 'name' | 'uuid'>) => boolean> {
  const exact = ({ name, uuid }: Pick<Candidate, 'name' | 'uuid'>) =>
    name === pattern || uuid?.toLowerCase() === pattern.toLowerCase();
  if (!isGlob(pattern)) return exact;
  const { default: picomatch } = await import('picomatch');
  const matches = picomatch(pattern, { dot: true, nonegate: true, bash: true });
  return (candidate) => exact(candidate) || matches(candidate.name);
}
