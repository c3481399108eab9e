/** A document that is not well-formed XML, or not a domain, with the place where that shows. */
export class XmlError extends Error {
  /**
   * @param line - 1-based
   * @param column - 1-based, in UTF-16 code units
   */
  constructor(
    message: string,
    readonly line: number,
    readonly column: number,
  ) {
    super(message);
    this.name = 'XmlError';
  }
}
