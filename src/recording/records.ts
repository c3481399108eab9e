import { RecordingUnreadable } from './recordingUnreadable.js';

/** One thing that the collector wrote down. */
export interface RecordedRecord {
  readonly kind: string;
  /** What follows the kind on its line. */
  readonly words: string;
  readonly body: Buffer;
}

/** A stream taken apart. */
export interface Records {
  /** What sets marks inside of bodies apart from everything that a machine could hold. */
  readonly nonce: string;
  readonly records: readonly RecordedRecord[];
  /** False where the end of the stream is missing; the record that was cut is not among the records then. */
  readonly whole: boolean;
  /** Records that were not as the collector writes them, and are left out. */
  readonly garbledCount: number;
  /** Bytes before the first line, such as a login banner. */
  readonly skippedBytes: number;
}

const FIRST_LINE = /^virt-clock-audit-recording (\d{1,6}) ([a-z0-9]{1,16}) ([0-9a-f]{8,64})\r?\n/m;
const VERSION = '1';
/** Nobody greets whoever logs in with more than that. */
const LONGEST_BANNER_BYTES = 1024 * 1024;
const MOST_RECORDS = 1_000_000;
const DECODE: Readonly<Record<string, (lines: readonly string[]) => Buffer | null>> = {
  base64: fromBase64,
  hex: fromHexadecimal,
};

/** Whether bytes begin as a recording does, perhaps after a banner. */
export function looksLikeRecording(bytes: Buffer): boolean {
  return FIRST_LINE.test(bytes.toString('latin1', 0, LONGEST_BANNER_BYTES));
}

/**
 * Takes a stream apart into its records. Nothing of it is trusted: what is not as the collector writes it is counted and
 * left out, and nothing is read behind the end.
 * @throws RecordingUnreadable
 */
export function splitRecords(bytes: Buffer): Records {
  const first = FIRST_LINE.exec(bytes.toString('latin1', 0, LONGEST_BANNER_BYTES));
  const [line = '', version, encoding = '', nonce = ''] = first ?? [];
  if (!first) throw new RecordingUnreadable(explainNone(bytes));
  const decode = DECODE[encoding];
  if (version !== VERSION || !decode) {
    throw new RecordingUnreadable(
      `is a recording of version ${version} (${encoding}), which this version cannot read; take the collector from the same version`,
    );
  }
  const reader = new RecordReader(decode);
  const start = first.index + line.length;
  const ended = eachLine(bytes, start, (text, terminated) => reader.take(text, terminated));
  if (!ended) reader.cut();
  const { records, garbledCount, count } = reader;
  // A line that was lost on the way takes a record with it.
  const lost = ended ? Math.max(0, (reader.announced ?? 0) - count) : 0;
  return { nonce, records, whole: ended, garbledCount: garbledCount + lost, skippedBytes: first.index };
}

/** @returns whether `take` said that this was the end */
function eachLine(
  bytes: Buffer,
  start: number,
  take: (line: string, terminated: boolean) => boolean,
): boolean {
  let offset = start;
  while (offset < bytes.length) {
    const found = bytes.indexOf(0x0a, offset);
    const end = found < 0 ? bytes.length : found;
    const withReturn = end > offset && bytes[end - 1] === 0x0d;
    if (take(bytes.toString('utf8', offset, withReturn ? end - 1 : end), found >= 0)) return true;
    offset = end + 1;
  }
  return false;
}

function explainNone(bytes: Buffer): string {
  if (bytes.length === 0) return 'is empty: the collector printed nothing';
  const said = bytes
    .toString('utf8', 0, 400)
    .replaceAll(/[^\x20-\x7e\n]/g, '?')
    .trim()
    .split('\n')[0];
  return `holds no recording: it begins with '${said?.slice(0, 120) ?? ''}'`;
}

/** Puts lines together to records; a record is whole once the next one begins. */
class RecordReader {
  readonly records: RecordedRecord[] = [];
  garbledCount = 0;
  count = 0;
  announced: number | null = null;
  readonly #decode: (lines: readonly string[]) => Buffer | null;
  #open: { kind: string; words: string; lines: string[] } | null = null;
  #garbled = false;

  constructor(decode: (lines: readonly string[]) => Buffer | null) {
    this.#decode = decode;
  }

  /** @returns whether this was the end */
  take(line: string, terminated: boolean): boolean {
    if (!line.startsWith('@')) {
      if (this.#open) this.#open.lines.push(line);
      else if (line.trim() !== '') this.#garbled = true;
      return false;
    }
    const [, kind = '', words = ''] = /^@([a-z-]{1,32})(?: (.*))?$/s.exec(line) ?? [];
    const end = kind === 'end' && /^\d{1,9}$/.test(words) && terminated;
    this.#close();
    if (end) {
      this.announced = Number(words);
      return true;
    }
    this.count++;
    if (kind === '' || this.count > MOST_RECORDS) this.garbledCount++;
    else this.#open = { kind, words, lines: [] };
    return false;
  }

  /** Forgets the record that was being written when the stream broke off. */
  cut(): void {
    this.#open = null;
  }

  #close(): void {
    const open = this.#open;
    this.#open = null;
    if (this.#garbled) this.garbledCount++;
    this.#garbled = false;
    if (!open) return;
    const isText = open.kind === 'text' || open.kind === 'link';
    const body = isText ? fromText(open.lines) : this.#decode(open.lines);
    if (body === null) this.garbledCount++;
    else this.records.push({ kind: open.kind, words: open.words, body });
  }
}

/** Each line has a sign in front: `=`, or `~` for the last one where it has no line break. */
function fromText(lines: readonly string[]): Buffer | null {
  let text = '';
  for (const [index, line] of lines.entries()) {
    const last = index === lines.length - 1;
    if (line.startsWith('=')) text += `${line.slice(1)}\n`;
    else if (line.startsWith('~') && last) text += line.slice(1);
    else return null;
  }
  return Buffer.from(text);
}

function fromBase64(lines: readonly string[]): Buffer | null {
  const text = lines.join('');
  return /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0 ? Buffer.from(text, 'base64') : null;
}

function fromHexadecimal(lines: readonly string[]): Buffer | null {
  const text = lines.join('').replaceAll(' ', '');
  return /^[0-9a-f]*$/.test(text) && text.length % 2 === 0 ? Buffer.from(text, 'hex') : null;
}
