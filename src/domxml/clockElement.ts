import { childrenNamed, type XmlElement } from './tree.js';

/** A `<timer>` as written; what libvirt ignores is kept, what it refuses is in `rejections`. */
export interface Timer {
  readonly name: string;
  readonly present: boolean | null;
  readonly tickpolicy: string | null;
  readonly track: string | null;
  /** Hz; null when absent. */
  readonly frequencyHz: number | null;
  readonly element: XmlElement;
}

/** All `<clock>` elements of a domain, merged and normalised as libvirt's parser does it. */
export interface Clock {
  readonly offset: 'utc' | 'localtime' | 'timezone' | 'variable' | 'absolute';
  /** How the offset reads in the XML, for the report. */
  readonly writtenAs: string;
  readonly timezone: string | null;
  /** Seconds ahead of `basis`; 0 except with `variable`. */
  readonly adjustmentSeconds: number;
  readonly basis: 'utc' | 'localtime';
  /** Seconds since 1970, with `absolute`. */
  readonly startSeconds: number | null;
  readonly timers: readonly Timer[];
  /** The first element, which an edit of the attributes belongs in. */
  readonly element: XmlElement | null;
  readonly rejections: readonly string[];
}

const OFFSETS = ['utc', 'localtime', 'timezone', 'variable', 'absolute'] as const;
const TIMER_NAMES = ['platform', 'pit', 'rtc', 'hpet', 'tsc', 'kvmclock', 'hypervclock', 'armvtimer'];
const TICK_POLICIES = ['delay', 'catchup', 'merge', 'discard'];
const TRACKS = ['boot', 'guest', 'wall', 'realtime'];
const MODES = ['auto', 'native', 'emulate', 'paravirt', 'smpsafe'];
/** libvirt's limit on `start`: the last second of the year 9999. */
const LAST_START_SECONDS = 253402300799;

/**
 * Reads the clock as libvirt does: each attribute from the first `<clock>` that has it, timers from all of them,
 * and `utc` or `localtime` with a numeric adjustment turned into `variable`.
 * @see {@link https://libvirt.org/formatdomain.html#time-keeping}
 */
export function readClock(domain: XmlElement): Clock {
  const elements = childrenNamed(domain, 'clock');
  const element = elements[0] ?? null;
  const rejections: string[] = [];
  const attributes: Record<string, string> = {};
  for (const clock of elements.toReversed()) Object.assign(attributes, clock.attributes);
  const timers = elements.flatMap((clock) =>
    childrenNamed(clock, 'timer').map((timer) => readTimer(timer, rejections)),
  );
  return { ...readOffset(element && attributes, rejections), timers, element, rejections };
}

/** @param found - the attributes of all clocks; null without a clock */
function readOffset(found: XmlElement['attributes'] | null, rejections: string[]) {
  const attributes = found ?? {};
  // To libvirt an empty attribute is an absent one.
  const written = attributes.offset || undefined;
  const adjustment = attributes.adjustment || undefined;
  const result = {
    offset: OFFSETS.find((name) => name === written) ?? 'utc',
    writtenAs:
      found === null
        ? 'no <clock>'
        : written === undefined
          ? '<clock> without offset'
          : `clock offset='${written}'`,
    timezone: null as string | null,
    adjustmentSeconds: 0,
    basis: 'utc' as 'utc' | 'localtime',
    startSeconds: null as number | null,
  };
  if (written !== undefined && result.offset !== written) {
    rejections.push(`unknown clock offset '${written}'`);
  }
  if (result.offset === 'utc' || result.offset === 'localtime') {
    if (adjustment !== undefined && adjustment !== 'reset') {
      const seconds = integer(adjustment);
      if (seconds === null) rejections.push(`unknown clock adjustment '${adjustment}'`);
      result.writtenAs += ` adjustment='${adjustment}'`;
      result.adjustmentSeconds = seconds ?? 0;
      result.basis = result.offset;
      result.offset = 'variable';
    }
  } else if (result.offset === 'variable') {
    // libvirt takes an adjustment it cannot read for 0, without a word.
    result.adjustmentSeconds = integer(adjustment ?? '') ?? 0;
    const basis = attributes.basis || undefined;
    if (basis === 'localtime') result.basis = 'localtime';
    else if (basis !== undefined && basis !== 'utc') rejections.push(`unknown clock basis '${basis}'`);
    result.writtenAs += ` adjustment='${adjustment ?? 0}'${basis ? ` basis='${basis}'` : ''}`;
  } else if (result.offset === 'timezone') {
    if (attributes.timezone) result.timezone = attributes.timezone;
    else rejections.push("clock offset='timezone' without a timezone attribute");
    result.writtenAs += ` timezone='${attributes.timezone ?? ''}'`;
  } else {
    const start = unsigned(attributes.start ?? '');
    result.startSeconds = start;
    result.writtenAs += ` start='${attributes.start ?? ''}'`;
    if (start === null) rejections.push("clock offset='absolute' without a valid start");
    else if (start > LAST_START_SECONDS) rejections.push(`clock start beyond ${LAST_START_SECONDS}`);
  }
  return result;
}

function readTimer(element: XmlElement, rejections: string[]): Timer {
  const { name, present, tickpolicy, track, frequency, mode } = element.attributes;
  const legal = (attribute: string, value: string | undefined, values: readonly string[]) => {
    if (value !== undefined && !values.includes(value)) {
      rejections.push(`timer '${name ?? ''}' with the unknown ${attribute} '${value}'`);
    }
  };
  if (name === undefined) rejections.push('a timer without a name');
  else legal('name', name, TIMER_NAMES);
  legal('present', present, ['yes', 'no']);
  legal('tickpolicy', tickpolicy, TICK_POLICIES);
  legal('track', track, TRACKS);
  legal('mode', mode, MODES);
  const frequencyHz = frequency === undefined ? null : unsigned(frequency);
  if (frequency !== undefined && frequencyHz === null) {
    rejections.push(`timer '${name ?? ''}' with the frequency '${frequency}', which is no number`);
  }
  if (tickpolicy !== undefined && (name === 'kvmclock' || name === 'hypervclock')) {
    rejections.push(`timer '${name}' with a tickpolicy`);
  }
  if (name !== 'tsc' && frequencyHz !== null && frequencyHz !== 0)
    rejections.push(`timer '${name ?? ''}' with a frequency`);
  if (name !== 'tsc' && mode !== undefined) rejections.push(`timer '${name ?? ''}' with a mode`);
  if (name !== 'rtc' && name !== 'platform' && track !== undefined) {
    rejections.push(`timer '${name ?? ''}' with a track`);
  }
  rejectCatchup(element, tickpolicy, rejections);
  return {
    name: name ?? '',
    present: present === undefined ? null : present === 'yes',
    tickpolicy: tickpolicy ?? null,
    track: track ?? null,
    frequencyHz: frequencyHz || null,
    element,
  };
}

function rejectCatchup(timer: XmlElement, tickpolicy: string | undefined, rejections: string[]): void {
  const limits = childrenNamed(timer, 'catchup')
    .slice(0, 1)
    .flatMap(({ attributes: { threshold, slew, limit } }) => [threshold, slew, limit])
    .filter((limit) => limit !== undefined);
  if (limits.some((limit) => unsigned(limit) === null)) rejections.push('a catchup limit that is no number');
  else if (tickpolicy !== 'catchup' && limits.some((limit) => Number(limit) > 0)) {
    rejections.push("catchup settings without tickpolicy='catchup'");
  }
}

/** What `virStrToLong_ll` takes: optional white space, a sign, digits, and nothing behind them; 64 bits. */
export function integer(text: string): number | null {
  if (!/^\s*[+-]?\d+$/.test(text)) return null;
  const value = BigInt(text.trim().replace(/^\+/, ''));
  return BigInt.asIntN(64, value) === value ? Number(value) : null;
}

/** What `virStrToLong_ullp` takes: the same without a minus sign, and one bit more. */
function unsigned(text: string): number | null {
  if (!/^\s*\+?\d+$/.test(text)) return null;
  const value = BigInt(text.trim().replace(/^\+/, ''));
  return BigInt.asUintN(64, value) === value ? Number(value) : null;
}
