import type {
  ChronyActivity,
  ChronySource,
  ChronySourceStatistics,
  ChronyTracking,
} from '../facts/chrony.js';
import { ChronycGarbled, fieldsAfterName, numberOf } from './fields.js';

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
/** How many numbers stand between the name and the leap status. */
const TRACKING_NUMBERS = 11;

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
  if (fields.length < TRACKING_NUMBERS + 3)
    throw new ChronycGarbled(`tracking has ${fields.length} fields instead of ${TRACKING_NUMBERS + 3}`);
  // The name may hold commas, and a later chronyc more fields: the leap status stands between the two.
  const leapAt = fields.findLastIndex((field) => LEAP.has(field));
  const leapStatus = LEAP.get(fields[leapAt] ?? '');
  const referenceId = fields[0] ?? '';
  const first = leapAt - TRACKING_NUMBERS;
  if (!leapStatus || first < 2 || !/^[0-9A-F]{8}$/i.test(referenceId))
    throw new ChronycGarbled('tracking names no reference or no leap status');
  const value = (index: number) => numberOf(fields[first + index], 'tracking');
  return {
    referenceId: referenceId.toUpperCase(),
    referenceName: fields.slice(1, first).join(','),
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

const DECIMAL = /^[+-]?\d+(\.\d+)?$/;
const WHOLE = /^-?\d+$/;
const OCTAL = /^[0-7]{1,3}$/;

/** Whether a line is one of `chronyc -c sources`, by its two first fields. */
export function isSource(line: string): boolean {
  return MODES.has(line[0] ?? '') && line[1] === ',' && line[3] === ',';
}

/**
 * Parses one line of `chronyc -c sources`. The reach is octal even there.
 * @throws ChronycGarbled
 * @see `process_cmd_sources` in chrony's client.c
 */
export function parseSource(line: string): ChronySource {
  const [modeField = '', stateField = '', ...named] = line.split(',');
  const mode = MODES.get(modeField);
  const state = STATES.get(stateField);
  if (!mode || !state) throw new ChronycGarbled('sources has an unknown mode or state');
  const shape = [WHOLE, WHOLE, OCTAL, WHOLE, DECIMAL, DECIMAL, DECIMAL];
  const { name, fields } = fieldsAfterName(named, shape, 'sources');
  const value = (index: number) => numberOf(fields[index], 'sources');
  const age = value(3);
  return {
    mode,
    state,
    name,
    stratum: value(0),
    pollLog2Seconds: value(1),
    reach: Number.parseInt(fields[2] ?? '', 8),
    lastSampleAgeSeconds: age === NEVER_SECONDS ? null : age,
    offsetSeconds: value(4),
    errorBoundSeconds: value(6),
  };
}

/**
 * Parses one line of `chronyc -c sourcestats`. Frequency and offset are positive when the system clock is fast and
 * ahead already: chronyd turns every sample round as it stores it.
 * @throws ChronycGarbled
 * @see `process_cmd_sourcestats` in chrony's client.c, `SST_AccumulateSample` in its sourcestats.c
 */
export function parseSourceStatistics(line: string): ChronySourceStatistics {
  const shape = [WHOLE, WHOLE, WHOLE, DECIMAL, DECIMAL, DECIMAL, DECIMAL];
  const { name, fields } = fieldsAfterName(line.split(','), shape, 'sourcestats');
  const value = (index: number) => numberOf(fields[index], 'sourcestats');
  return {
    name,
    samples: value(0),
    runs: value(1),
    spanSeconds: value(2),
    frequencyPpm: value(3),
    skewPpm: value(4),
    offsetSeconds: value(5) || 0,
    standardDeviationSeconds: value(6),
  };
}

/**
 * Parses the line of `chronyc -c activity`.
 * @throws ChronycGarbled
 * @see `process_cmd_activity` in chrony's client.c
 */
export function parseActivity(line: string): ChronyActivity {
  const fields = line.split(',');
  if (fields.length < 5 || !fields.every((field) => WHOLE.test(field)))
    throw new ChronycGarbled('activity is not five whole numbers');
  const [online = 0, offline = 0, burstOnline = 0, burstOffline = 0, unresolved = 0] = fields.map(Number);
  return { online, offline, burstOnline, burstOffline, unresolved };
}
