import { isUtf8 } from 'node:buffer';
import { inputBytes } from './inputBytes.js';
import { XmlError } from './xmlError.js';

/** libvirt's own limit on a string in its protocol (`REMOTE_STRING_MAX`): no domain XML can be longer. */
export const MAX_BYTES = 4 * 1024 * 1024;

/** A file that is too large to be a domain. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';
  constructor() {
    super(`is larger than ${MAX_BYTES / 1024 / 1024} MiB, libvirt's own limit for a domain's XML`);
  }
}

/**
 * Reads a file, a pipe or standard input, never more than {@link MAX_BYTES} of it.
 * @param path - `-` for standard input
 * @param deadlineSeconds - the longest wait for a named pipe
 * @throws TooLarge, NothingArrived, XmlError when it is no UTF-8, or the file system's error
 */
export async function readSourceText(path: string, deadlineSeconds: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of inputBytes(path, deadlineSeconds)) {
    length += chunk.length;
    if (length > MAX_BYTES) throw new TooLarge();
    chunks.push(chunk);
  }
  return decode(Buffer.concat(chunks, length));
}

function decode(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  if (isUtf8(bytes)) return text;
  const lines = text.slice(0, firstBadCharacter(bytes, text)).split('\n');
  throw new XmlError('is not UTF-8', lines.length, (lines.at(-1)?.length ?? 0) + 1);
}

/** Decoding puts U+FFFD in the place of every bad byte; a file may also hold genuine ones before that. */
function firstBadCharacter(bytes: Buffer, text: string): number {
  let index = text.indexOf('\uFFFD');
  let offset = Buffer.byteLength(text.slice(0, index));
  while (bytes.subarray(offset, offset + 3).toString('latin1') === '\u00ef\u00bf\u00bd') {
    const next = text.indexOf('\uFFFD', index + 1);
    offset += Buffer.byteLength(text.slice(index, next));
    index = next;
  }
  return index;
}
