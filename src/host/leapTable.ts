import { join } from 'node:path';
import { type Fact, known, unknown } from '../facts/fact.js';
import type { LeapTable } from '../facts/kernelClock.js';
import { errorCode, readBounded } from './boundedFile.js';

/** The table has grown to 5 KiB in fifty years. */
const LIMIT_BYTES = 64 * 1024;
/** Seconds from 1900, which NTP counts from, to 1970. */
const NTP_EPOCH_SECONDS = 2_208_988_800;

/** Both come with tzdata; chronyd's `leapseclist` reads the first. */
const TABLES = [
  {
    path: '/usr/share/zoneinfo/leap-seconds.list',
    expiry: /^#@[ \t]+(\d{10,11})[ \t]*\r?$/m,
    epochSeconds: NTP_EPOCH_SECONDS,
  },
  { path: '/usr/share/zoneinfo/leapseconds', expiry: /^#expires[ \t]+(\d{9,11})\b/m, epochSeconds: 0 },
];

/**
 * Reads how long the table of leap seconds is good for.
 * @param root - the directory that stands for `/`
 * @param nowSeconds - since 1970
 * @returns null where the host has no table
 * @see the comments in tzdata's leap-seconds.list, and `leapseclist` in chrony.conf(5)
 */
export function readLeapTable(root: string, nowSeconds = Date.now() / 1000): Fact<LeapTable | null> {
  for (const { path, expiry, epochSeconds } of TABLES) {
    try {
      const written = expiry.exec(readBounded(join(root, path), LIMIT_BYTES))?.[1];
      if (written !== undefined) {
        const expiresAtSeconds = Number(written) - epochSeconds;
        return known({ path, expiresAtSeconds, readAtSeconds: nowSeconds }, path);
      }
      const reason = `${path} does not say when it expires, so it is not the table that tzdata brings`;
      return unknown(path, 'leap-table-garbled', reason);
    } catch (error) {
      const code = errorCode(error);
      if (code === 'ENOENT' || code === 'ENOTDIR') continue;
      if (code === 'EFBIG') {
        const reason = `${path} is far longer than a table of leap seconds, so it is none`;
        return unknown(path, 'leap-table-garbled', reason);
      }
      return unknown(path, 'leap-table-unreadable', `${path} cannot be read (${code})`);
    }
  }
  return known(null, TABLES.map(({ path }) => path).join(', '));
}
