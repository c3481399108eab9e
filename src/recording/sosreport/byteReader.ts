/** Thrown when a stream ends in the middle of what is read from it. */
export class StreamEnded extends Error {
  override readonly name = 'StreamEnded';
}

/** Reads a stream in pieces of given lengths, without ever holding more than one piece and one chunk of it. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /**
   * The next so many bytes; null at the end of the stream.
   * @throws StreamEnded when there are some, but fewer
   */
  async read(length: number): Promise<Buffer | null> {
    const pieces: Buffer[] = [];
    let missing = length;
    while (missing > 0) {
      const piece = await this.#upTo(missing);
      if (piece === null) {
        if (missing === length) return null;
        throw new StreamEnded();
      }
      pieces.push(piece);
      missing -= piece.length;
    }
    return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces, length);
  }

  /** @throws StreamEnded when there are fewer */
  async skip(length: number): Promise<void> {
    let missing = length;
    while (missing > 0) {
      const piece = await this.#upTo(missing);
      if (piece === null) throw new StreamEnded();
      missing -= piece.length;
    }
  }

  /** Ends the stream, however much of it is left. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #upTo(length: number): Promise<Buffer | null> {
    while (this.#rest.length === 0) {
      const { done, value } = await this.#chunks.next();
      if (done) return null;
      this.#rest = value;
    }
    const piece = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(piece.length);
    return piece;
  }
}
