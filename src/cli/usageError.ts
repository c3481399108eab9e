/** A run that could not begin because of how it was asked for. Printed as one line each, without a stack. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** One sentence for each mistake. */
  readonly mistakes: readonly string[];

  constructor(...mistakes: [string, ...string[]]) {
    super(mistakes[0]);
    this.mistakes = mistakes;
  }
}

/** What an error is told as, in one sentence for each mistake; one that nobody expected with its stack. */
export function mistakesOf(error: unknown): readonly string[] {
  return error instanceof UsageError ? error.mistakes : [internalError(error)];
}

/** What an error is told as that nobody expected. */
export function internalError(error: unknown): string {
  return `internal error: ${(error as Error)?.stack ?? error}`;
}
