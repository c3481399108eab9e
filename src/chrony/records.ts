import type { ChronySource, ChronyTracking } from '../facts/chrony.js';

/** Thrown when chronyc's output is not what its manual describes. */
export class ChronycGarbled extends Error {
  override readonly name = 'ChronycGarbled';
}

const LEAP: ReadonlyMap<string, ChronyTracking['leapStatus']> = new Map([
  ['Normal', 'normal'],
  ['Insert second', 'insert-second'],
  ['Delete second', 'delete-second'],
  ['Not synchronised', 'not-synchronised'],
]);
const MODES: ReadonlyMap<string, ChronySource['mode']> = new Map([
  ['^', 'server'],
  ['=', 'peer'],
  ['#', 'refclock'],
]);
const STATES: ReadonlyMap<string, ChronySource['state']> = new Map([
  ['*', 'selected'],
  ['+', 'combined'],
  ['-', 'not-combined'],
  ['x', 'falseticker'],
  ['~', 'too-variable'],
  ['?', 'unusable'],
]);
/** How chronyc writes "never" as the age of a sample. */
const NEVER_SECONDS = 4294967295;

/**
 * Parses the line of `chronyc -c tracking`, turning chrony's two sign conventions into ours.
 *
 * Field 5, the system time, is positive when the system clock is *slow*: it changes its sign here. Fields 6
 * and 8, last offset and frequency, are positive for ahead and fast already.
 * @throws ChronycGarbled
 * @see `process_cmd_tracking` in chrony's client.c
 */
export function parseTracking(line: string): ChronyTracking {
  const fields = line.split(',');
  if (fields.length < 14) throw new ChronycGarbled(`tracking has ${fields.length} fields instead of 14`);
  // The name is the only field that may itself hold commas, so count the others from the end.
  const referenceName = fields.slice(1, fields.length - 12).join(',');
  const rest = fields.slice(fields.length - 12);
  const value = (index: number) => number(rest[index], 'tracking');
  const leapStatus = LEAP.get(rest[11] ?? '');
  const referenceId = fields[0] ?? '';
  if (!leapStatus || !/^[0-9A-F]{8}$/i.test(referenceId))
    throw new ChronycGarbled('tracking names no leap status');
  return {
    referenceId: referenceId.toUpperCase(),
    referenceName,
    stratum: value(0),
    referenceTimeSeconds: value(1),
    systemOffsetSeconds: -value(2) || 0,
    lastOffsetSeconds: value(3),
    rmsOffsetSeconds: value(4),
    frequencyPpm: value(5),
    residualFrequencyPpm: value(6),
    skewPpm: value(7),
    rootDelaySeconds: value(8),
    rootDispersionSeconds: value(9),
    updateIntervalSeconds: value(10),
    leapStatus,
  };
}

/**
 * Parses one line of `chronyc -c sources`. The reach is octal even there.
 * @throws ChronycGarbled
 * @see `process_cmd_sources` in chrony's client.c
 */
export function parseSource(line: string): ChronySource {
  const fields = line.split(',');
  if (fields.length < 10) throw new ChronycGarbled(`sources has ${fields.length} fields instead of 10`);
  const mode = MODES.get(fields[0] ?? '');
  const state = STATES.get(fields[1] ?? '');
  const rest = fields.slice(fields.length - 7);
  const value = (index: number) => number(rest[index], 'sources');
  const reach = rest[2] ?? '';
  if (!mode || !state || !/^[0-7]{1,3}$/.test(reach)) {
    throw new ChronycGarbled('sources has an unknown mode, state or reach');
  }
  const age = value(3);
  return {
    mode,
    state,
    name: fields.slice(2, fields.length - 7).join(','),
    stratum: value(0),
    pollLog2Seconds: value(1),
    reach: Number.parseInt(reach, 8),
    lastSampleAgeSeconds: age === NEVER_SECONDS ? null : age,
    offsetSeconds: value(4),
    errorBoundSeconds: value(6),
  };
}

function number(text: string | undefined, command: string): number {
  const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new ChronycGarbled(`${command} has a field that is no number`);
  return value;
}
