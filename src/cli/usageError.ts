/** A run that could not begin because of how it was asked for. Printed as one line, without a stack. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
