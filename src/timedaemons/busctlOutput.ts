import type { TimesyncdAnswer } from '../facts/timeDaemons.js';
import { Garbled } from './explain.js';

/** What `NTPMessage` is made of on the bus: see src/timesync/timesyncd-bus.c in systemd. */
const MESSAGE_TYPE = '(uuuuittayttttbtt)';
/** AF_INET and AF_INET6 in the first member of `ServerAddress`. */
const ADDRESS_BYTES: ReadonlyMap<number, number> = new Map([
  [2, 4],
  [10, 16],
]);

/**
 * Parses what `busctl get-property` prints for ServerName, ServerAddress, PollIntervalUSec and NTPMessage: a line for
 * each, the type before the value. timedatectl shows the same, but cuts the four times of the packet to seconds, from
 * which no offset could be had.
 *
 * systemd's offset is the server's minus the system's: it changes its sign here.
 * @param nowSeconds - the time of the question, in seconds since 1970
 * @throws Garbled
 */
export function parseTimesync(output: string, nowSeconds: number): Omit<TimesyncdAnswer, 'synchronised'> {
  const [name = '', address = '', interval = '', message = '', ...more] = output.trimEnd().split('\n');
  if (more.length > 0) throw new Garbled('there are more than four properties');
  const [, microseconds = ''] = /^t (\d{1,20})$/.exec(interval) ?? [];
  if (microseconds === '') throw new Garbled('PollIntervalUSec is no number');
  return {
    serverName: text(name),
    serverAddress: addressOf(address),
    // What timesyncd has before it has asked anybody.
    pollIntervalSeconds: Number(microseconds) === 0 ? null : Number(microseconds) / 1e6,
    lastPacket: parseMessage(message, nowSeconds),
  };
}

function text(line: string): string {
  const [, quoted] = /^s "((?:[^"\\]|\\.)*)"$/.exec(line) ?? [];
  if (quoted === undefined) throw new Garbled('ServerName is no string');
  return quoted.replaceAll(/\\(["\\])/g, '$1');
}

function addressOf(line: string): string {
  const words = line.split(' ');
  const [family = Number.NaN, count = Number.NaN, ...bytes] = words.slice(1).map(Number);
  if (words[0] !== '(iay)' || bytes.length !== count || bytes.some((byte) => !(byte >= 0 && byte <= 255))) {
    throw new Garbled('ServerAddress is no address');
  }
  if (ADDRESS_BYTES.get(family) !== count) return '';
  if (count === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, at) =>
    (((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0)).toString(16),
  );
  // The URL parser shortens the longest run of zeros as RFC 5952 wants it.
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

function parseMessage(line: string, nowSeconds: number): TimesyncdAnswer['lastPacket'] {
  const [type, ...words] = line.split(' ');
  const referenceBytes = Number(words[7]);
  // Behind the reference, whose length is written before it.
  const rest = words.slice(8 + referenceBytes);
  if (type !== MESSAGE_TYPE || !Number.isInteger(referenceBytes) || rest.length !== 7) {
    throw new Garbled('NTPMessage has another type than systemd gives it');
  }
  const number = (word: string | undefined) => {
    const value = word && /^-?\d{1,20}$/.test(word) ? Number(word) : Number.NaN;
    if (Number.isNaN(value)) throw new Garbled('NTPMessage has a field that is no number');
    return value;
  };
  const seconds = (word: string | undefined) => number(word) / 1e6;
  const packetCount = number(rest[5]);
  const destination = seconds(rest[3]);
  if (packetCount === 0 || destination === 0) return null;
  // Differences of whole microseconds: the times themselves have too many digits for an exact sum.
  const there = number(rest[1]) - number(rest[0]);
  const back = number(rest[2]) - number(rest[3]);
  return {
    leap: number(words[0]),
    stratum: number(words[3]),
    rootDelaySeconds: seconds(words[5]),
    rootDispersionSeconds: seconds(words[6]),
    offsetSeconds: -(there + back) / 2e6 || 0,
    delaySeconds: Math.max(0, there - back) / 1e6,
    ageSeconds: nowSeconds - destination,
    packetCount,
    jitterSeconds: seconds(rest[6]),
  };
}
