import { ByteReader, StreamEnded } from './byteReader.js';
import { isEmptyBlock, readHeader, TAR_BLOCK_BYTES, TarGarbled } from './tarHeader.js';
import { paxRecords } from './tarPax.js';

export { TarGarbled } from './tarHeader.js';

/** A member of an archive. */
export interface TarMember {
  /** As it was written: not to be trusted. */
  readonly path: string;
  readonly kind: 'file' | 'link' | 'directory' | 'other';
  /** Where a symbolic link leads; empty for everything else. */
  readonly target: string;
  readonly sizeBytes: number;
  /** Seconds since 1970. */
  readonly modifiedSeconds: number;
}

/** Told of each member; whether its content is wanted. */
export type WantsMember = (member: TarMember) => boolean;

const LARGEST_EXTENSION_BYTES = 1024 * 1024;

/**
 * Reads an archive in the formats that tar programs write by default: ustar, GNU and pax. Nothing is written anywhere,
 * and devices, pipes and hard links are nothing but members of a kind of their own.
 * @param wants - is asked before a file's content is kept
 * @param take - gets the content of what is wanted; empty for links and directories
 * @throws TarGarbled for what is no archive, or one that was cut off
 * @see tar(5) of libarchive, and "pax Interchange Format" in POSIX's pax(1p)
 */
export async function readTar(
  chunks: AsyncIterable<Buffer>,
  wants: WantsMember,
  take: (member: TarMember, content: Buffer) => void,
): Promise<void> {
  const reader = new ByteReader(chunks);
  let overrides: Record<string, string> = {};
  try {
    for (;;) {
      const block = await reader.read(TAR_BLOCK_BYTES);
      // Programs that unpack let an archive without its end pass, but then nobody notices that it was cut off.
      if (block === null) throw new StreamEnded();
      if (isEmptyBlock(block)) return;
      const header = readHeader(block);
      const padded = Math.ceil(header.sizeBytes / TAR_BLOCK_BYTES) * TAR_BLOCK_BYTES;
      if ('xgLK'.includes(header.type)) {
        if (header.sizeBytes > LARGEST_EXTENSION_BYTES) throw new TarGarbled('has a name without an end');
        const content = ((await reader.read(padded)) ?? Buffer.alloc(0)).subarray(0, header.sizeBytes);
        // What is said for all members ('g') is a comment or a time stamp, and no name.
        if (header.type === 'x') overrides = { ...overrides, ...paxRecords(content) };
        if (header.type === 'L') overrides = { ...overrides, path: untilNul(content) };
        if (header.type === 'K') overrides = { ...overrides, linkpath: untilNul(content) };
        continue;
      }
      const member = memberOf(header, overrides);
      overrides = {};
      // A size that pax gives is that of the content; the header's is then too small for it.
      const length = Math.ceil(member.sizeBytes / TAR_BLOCK_BYTES) * TAR_BLOCK_BYTES;
      if (!wants(member)) {
        await reader.skip(length);
      } else {
        const content = length === 0 ? Buffer.alloc(0) : await reader.read(length);
        if (content === null) throw new StreamEnded();
        // A copy, for the chunk that it is cut out of is larger.
        take(member, Buffer.from(content.subarray(0, member.sizeBytes)));
      }
    }
  } catch (error) {
    if (error instanceof StreamEnded) throw new TarGarbled('was cut off in the middle');
    throw error;
  } finally {
    // Something may stand behind the end, and a command that unpacks it would wait for a reader.
    await reader.close();
  }
}

function memberOf(
  header: ReturnType<typeof readHeader>,
  { path = header.path, linkpath = header.target, size, mtime }: Record<string, string>,
): TarMember {
  // A sparse file's content stands in the archive in another form; sos writes none.
  if (header.type === 'S') throw new TarGarbled('has a sparse file in it, which sos does not write');
  const kind =
    '07\0'.includes(header.type) && !path.endsWith('/')
      ? 'file'
      : header.type === '2'
        ? 'link'
        : header.type === '5' || path.endsWith('/')
          ? 'directory'
          : 'other';
  const sizeBytes = size !== undefined && /^\d{1,15}$/.test(size) ? Number(size) : header.sizeBytes;
  const modified = Number(mtime ?? header.modifiedSeconds);
  return {
    path,
    kind,
    target: kind === 'link' ? linkpath : '',
    // A link has no content, whatever its header says.
    sizeBytes: '12'.includes(header.type) ? 0 : sizeBytes,
    modifiedSeconds: Number.isFinite(modified) ? modified : 0,
  };
}

function untilNul(content: Buffer): string {
  return content.toString('utf8').split('\0', 1)[0] ?? '';
}
