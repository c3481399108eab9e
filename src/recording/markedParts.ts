import { RecordingUnreadable } from './recordingUnreadable.js';

/** What follows a mark, up to the next one. */
export interface MarkedPart {
  /** The words of the mark. */
  readonly words: readonly string[];
  readonly text: string;
}

/** A text taken apart. */
export interface MarkedText {
  readonly parts: readonly MarkedPart[];
  /** Whether its end is there; the last part may have been cut without it, and is left out. */
  readonly complete: boolean;
}

/** A host with some thousand domains has four answers for each of them. */
const MOST_PARTS = 200_000;

/**
 * Splits a text at the collector's marks, `NONCE:word:word:`. What is marked `done` or `end` is the end.
 * @throws RecordingUnreadable for more parts than any host makes
 */
export function markedParts(text: string, nonce: string): MarkedText {
  const parts: MarkedPart[] = [];
  const mark = `${nonce}:`;
  let at = text.indexOf(mark);
  for (;;) {
    const next = at < 0 ? -1 : text.indexOf(mark, at + mark.length);
    if (next < 0) {
      const last = at < 0 ? '' : text.slice(at + mark.length, at + mark.length + 5);
      return { parts, complete: /^(done|end):/.test(last) };
    }
    if (parts.length === MOST_PARTS) {
      throw new RecordingUnreadable(
        `holds a body of more than ${MOST_PARTS} parts, which no host has; who recorded it?`,
      );
    }
    const whole = text.slice(at + mark.length, next);
    const head = headOf(whole);
    parts.push({ words: head.slice(0, -1).split(':'), text: whole.slice(head.length) });
    at = next;
  }
}

/** The words of a mark. A path may hold colons, and ends with its line; what virsh says may follow a UUID at once. */
function headOf(part: string): string {
  return /^(?:(?:file|gone):[^\n]*:(?=\n)|[a-z]+:(?:(?:[0-9a-f-]{36}|\d{1,10}):)?)/.exec(part)?.[0] ?? '';
}
