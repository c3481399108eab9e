import type { NtpAnswer, NtpPeer } from '../facts/timeDaemons.js';
import { Garbled } from './explain.js';

const LEAP: ReadonlyMap<string, NtpAnswer['leap']> = new Map([
  ['00', 'none'],
  ['01', 'insert-second'],
  ['10', 'delete-second'],
  ['11', 'not-synchronised'],
]);
const STATES: ReadonlyMap<string, NtpPeer['state']> = new Map([
  ['*', 'selected'],
  ['o', 'selected'],
  ['+', 'combined'],
  ['#', 'combined'],
  ['-', 'not-combined'],
  ['.', 'not-combined'],
  ['x', 'falseticker'],
  [' ', 'unusable'],
]);
/** Above that, a peer's address needs a line of its own: see the option `-w` of ntpq(8). */
const COLUMNS_BEHIND_NAME = 8;
const LONGEST_LINE = 1000;

/**
 * Parses what `ntpq -c rv -c peers` prints, in milliseconds, of ntpd and of ntpsec.
 *
 * ntpq's offsets are the server's minus the system's: they change their sign here.
 * @throws Garbled
 * @see ntpq(8), "readvar" and "peers"
 */
export function parseNtpq(output: string): NtpAnswer {
  const [variables = '', table] = output.split(/^[ \t]*remote[ \t].*\bjitter[ \t\r]*\n=+\n/m);
  if (table === undefined) throw new Garbled('there is no table of peers');
  return { ...parseVariables(variables), peers: parsePeers(table) };
}

function parseVariables(text: string): Omit<NtpAnswer, 'peers'> {
  const variables = new Map<string, string>();
  // A line may break behind each comma; a quoted value may have commas in it.
  for (const [, name = '', value = ''] of text.matchAll(/\b(\w{1,40})=("[^"\n]*"|[^,\n]*)/g)) {
    variables.set(name, value.trim());
  }
  const milliseconds = (name: string) => decimal(variables.get(name), name) / 1000;
  const leap = LEAP.get(variables.get('leap') ?? '');
  if (leap === undefined) throw new Garbled('there is no leap status');
  const stratum = decimal(variables.get('stratum'), 'stratum');
  return {
    stratum,
    leap,
    referenceId: variables.get('refid') ?? '',
    offsetSeconds: -milliseconds('offset') || 0,
    rootDelaySeconds: milliseconds('rootdelay'),
    rootDispersionSeconds: milliseconds('rootdisp'),
    // Until 4.2.6 it was called `jitter`.
    jitterSeconds: milliseconds(variables.has('sys_jitter') ? 'sys_jitter' : 'jitter'),
    lastUpdateAgeSeconds: age(variables.get('clock'), variables.get('reftime')),
  };
}

/** The difference of two NTP timestamps: seconds since 1900 and their fraction, hexadecimal, before the date in words. */
function age(clock = '', reference = ''): number | null {
  const [now, then] = [clock, reference].map((text) => {
    const [, seconds = '', fraction = ''] = /^(?:0x)?([\da-f]{8})\.([\da-f]{8})\b/i.exec(text) ?? [];
    return seconds === ''
      ? Number.NaN
      : Number.parseInt(seconds, 16) + Number.parseInt(fraction, 16) / 2 ** 32;
  });
  // Zero stands for never.
  if (now === undefined || then === undefined || Number.isNaN(now) || !(then > 0)) return null;
  // The seconds start over in 2036.
  return (now - then + 2 ** 32) % 2 ** 32;
}

function parsePeers(table: string): NtpPeer[] {
  const peers: NtpPeer[] = [];
  let wide = '';
  for (const line of table.split('\n')) {
    if (line.trim() === '') continue;
    if (line.length > LONGEST_LINE) throw new Garbled('a peer has a line without an end');
    const words = line.slice(1).trim().split(/\s+/);
    if (words.length === 1 && wide === '') {
      wide = line;
      continue;
    }
    // The name is cut to fifteen characters, and the reference may have a space in it or be empty.
    const columns = words.slice(-COLUMNS_BEHIND_NAME);
    const tally = (wide || line)[0] ?? '';
    const name = wide === '' ? (words[0] ?? '') : wide.slice(1).trim();
    peers.push(peer(tally, name, words.length > COLUMNS_BEHIND_NAME || wide !== '' ? columns : []));
    wide = '';
  }
  if (wide !== '') throw new Garbled('the table of peers is cut off');
  return peers;
}

function peer(tally: string, name: string, columns: readonly string[]): NtpPeer {
  const [stratum, , , , reach = '', , offset] = columns;
  const state = STATES.get(tally);
  if (state === undefined || columns.length < COLUMNS_BEHIND_NAME || !/^[0-7]{1,3}$/.test(reach)) {
    throw new Garbled('a peer has an unknown tally code or reach');
  }
  return {
    name,
    state,
    stratum: decimal(stratum, 'a stratum'),
    reach: Number.parseInt(reach, 8),
    offsetSeconds: -decimal(offset, 'an offset') / 1000 || 0,
  };
}

function decimal(text: string | undefined, what: string): number {
  const value = text !== undefined && /^[+-]?[\d.]+(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) throw new Garbled(`${what} is no number`);
  return value;
}
