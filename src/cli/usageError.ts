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
