/** Where a value of a policy comes from. */
export interface Origin {
  readonly layer: 'profile' | 'file' | 'environment' | 'flag';
  /** `profile nova`, `/etc/virt-clock-audit.yaml:4:3`, `VIRT_CLOCK_AUDIT_PROFILE` or `--set`. */
  readonly place: string;
  /** Why it is what it is, for a value of a profile. */
  readonly because?: string;
  /** The page that it rests on, for a value of a profile. */
  readonly source?: string;
}

/** A value with its origin. */
export interface Setting<T> {
  readonly value: T;
  readonly origin: Origin;
}

/** Something wrong with what an operator wrote. */
export interface Mistake {
  /** A flag, a variable, or a file with line and column. */
  readonly place: string;
  /** What was found and what is expected, in one line. */
  readonly message: string;
  /** For the order within a file. */
  readonly line?: number;
}
