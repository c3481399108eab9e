/** Thrown for what is no archive; the message follows the archive's name. */
export class TarGarbled extends Error {
  override readonly name = 'TarGarbled';
}

/** An archive is made of blocks of this length, and so is the padding behind each member. */
export const TAR_BLOCK_BYTES = 512;

/** A header as it stands in the archive. */
export interface TarHeader {
  readonly path: string;
  readonly target: string;
  readonly type: string;
  readonly sizeBytes: number;
  readonly modifiedSeconds: number;
}

/** Whether a block is one of the two that end an archive. */
export function isEmptyBlock(block: Buffer): boolean {
  return block.every((byte) => byte === 0);
}

/**
 * Whether these bytes are the header of a member, by its checksum: archives older than POSIX have nothing else.
 * @param block - at least {@link TAR_BLOCK_BYTES}
 */
export function isHeader(block: Buffer): boolean {
  let sum = 0;
  for (let at = 0; at < TAR_BLOCK_BYTES; at++) {
    // The sum was made with blanks in its own place.
    sum += at >= 148 && at < 156 ? 0x20 : (block[at] ?? 0);
  }
  return sum === number(block, 148, 8);
}

/** @throws TarGarbled when it is none */
export function readHeader(block: Buffer): TarHeader {
  if (!isHeader(block)) throw new TarGarbled('is no tar archive, or a damaged one');
  const name = text(block, 0, 100);
  const isUstar = text(block, 257, 6) === 'ustar';
  const prefix = isUstar ? text(block, 345, 155) : '';
  const sizeBytes = number(block, 124, 12);
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) throw new TarGarbled('has a member without a size');
  return {
    path: prefix === '' ? name : `${prefix}/${name}`,
    target: text(block, 157, 100),
    type: String.fromCharCode(block[156] ?? 0),
    sizeBytes,
    modifiedSeconds: number(block, 136, 12),
  };
}

function text(block: Buffer, at: number, length: number): string {
  return block.toString('utf8', at, at + length).split('\0', 1)[0] ?? '';
}

/** Octal digits, or with the highest bit set a binary number. */
function number(block: Buffer, at: number, length: number): number {
  const field = block.subarray(at, at + length);
  if (((field[0] ?? 0) & 0x80) !== 0) {
    return field.subarray(1).reduce((value, byte) => value * 256 + byte, (field[0] ?? 0) & 0x3f);
  }
  const digits = field.toString('latin1').replaceAll('\0', ' ').trim();
  return digits === '' ? 0 : /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
}
