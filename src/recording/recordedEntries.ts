import { posix } from 'node:path';
import { markedParts } from './markedParts.js';
import type { RecordedEntry } from './recording.js';
import type { RecordedRecord, Records } from './records.js';

/** The files of a machine, and what is known of them besides. */
export interface RecordedEntries {
  readonly entries: ReadonlyMap<string, RecordedEntry>;
  readonly stateDirectories: readonly string[];
  readonly hiddenEnvironments: ReadonlySet<number>;
  /** Records without a path that could be one. */
  readonly garbledCount: number;
}

const LONGEST_PATH = 4095;
/** More than execve(2) takes: three quarters of `_STK_LIM` (8 MiB) in the kernel's fs/exec.c. */
const LONGEST_WORDS = 6 * 1024 * 1024;
const ENVIRONMENT = /^\/proc\/(\d{1,10})\/environ$/;

/** Puts the recorded files together; of two with one path the first counts. */
export function recordedEntries({ nonce, records }: Records): RecordedEntries {
  const entries = new Map<string, RecordedEntry>();
  const stateDirectories: string[] = [];
  const hiddenEnvironments = new Set<number>();
  let garbledCount = 0;
  const add = (path: string, entry: RecordedEntry) => {
    if (!isPath(path)) garbledCount++;
    else if (!entries.has(path)) entries.set(path, entry);
  };
  for (const [index, record] of records.entries()) {
    const { kind, words, body } = record;
    const environment = kind === 'unreadable' ? ENVIRONMENT.exec(words)?.[1] : undefined;
    // Of a body that broke off nothing is believed, and that the file is not there least of all.
    const cut = records[index + 1]?.kind === 'cut';
    const brokeOff = cut && (kind === 'file' || kind === 'text');
    const entry = brokeOff ? ({ kind: 'unreadable' } as const) : entryOf(record);
    if (environment !== undefined) {
      hiddenEnvironments.add(Number(environment));
      add(words, { kind: 'file', bytes: Buffer.alloc(0) });
    } else if (entry) add(words, entry);
    else if (kind === 'states') {
      if (isPath(words)) stateDirectories.push(words);
      else garbledCount++;
    } else if (kind === 'processes') for (const [path, found] of processFiles(body, nonce)) add(path, found);
    else if (kind === 'xml-files') for (const [path, bytes] of xmlFiles(body, nonce)) add(path, file(bytes));
  }
  return { entries, stateDirectories, hiddenEnvironments, garbledCount };
}

function file(bytes: Buffer): RecordedEntry {
  return { kind: 'file', bytes };
}

function entryOf({ kind, body }: RecordedRecord): RecordedEntry | null {
  switch (kind) {
    case 'file':
    case 'text':
      return file(body);
    case 'present':
      return file(Buffer.alloc(0));
    case 'zone':
      // The collector looked at these bytes, and sends nothing of what it read.
      return file(Buffer.from('TZif'));
    case 'link':
      return { kind: 'link', target: body.toString('utf8').replace(/\n$/, '') };
    case 'directory':
      return { kind: 'directory' };
    case 'unreadable':
      return { kind: 'unreadable' };
    default:
      return null;
  }
}

function isPath(path: string): boolean {
  return (
    path.length > 1 &&
    path.length <= LONGEST_PATH &&
    path.startsWith('/') &&
    !path.includes('\0') &&
    posix.normalize(path) === path
  );
}

/** A word a line, in which the byte 1 stands for a line break. */
function* processFiles(body: Buffer, nonce: string): Iterable<[string, RecordedEntry]> {
  for (const { words, text } of markedParts(body.toString('latin1'), nonce).parts) {
    const [what = '', pid = ''] = words;
    if ((what !== 'cmdline' && what !== 'environ') || !/^[1-9]\d{0,9}$/.test(pid)) continue;
    const path = `/proc/${pid}/${what}`;
    if (text.length > LONGEST_WORDS) {
      yield [path, { kind: 'unreadable' }];
      continue;
    }
    const lines = text.replace(/^\n/, '').replace(/\n$/, '').split('\n');
    if (lines.at(-1) === '') lines.pop();
    // A process that has ended has no command line; every other has an environment, though there may be no TZ in it.
    if (what === 'cmdline' && lines.length === 0) continue;
    const bytes = lines.map((line) => `${line.replaceAll('\x01', '\n')}\0`).join('');
    yield [path, file(Buffer.from(bytes, 'latin1'))];
  }
}

function* xmlFiles(body: Buffer, nonce: string): Iterable<[string, Buffer]> {
  for (const { words, text } of markedParts(body.toString('latin1'), nonce).parts) {
    const [what, ...path] = words;
    if (what !== 'file') continue;
    const name = Buffer.from(path.join(':'), 'latin1').toString('utf8');
    // The line breaks of the marks around it.
    yield [name, Buffer.from(text.replace(/^\n/, '').replace(/\n$/, ''), 'latin1')];
  }
}
