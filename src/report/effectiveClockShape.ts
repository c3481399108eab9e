import type { EffectiveClock, EffectiveRtc } from '../facts/clock.js';
import { type MemberShapes, word } from '../facts/factShape.js';
import type { Shape } from '../facts/shape.js';

const RTC: Shape = {
  present: 'boolean',
  base: word('utc', 'localtime', 'datetime'),
  clock: word('host', 'rt', 'vm'),
  driftfix: word('none', 'slew'),
  driftfixDecidedBy: 'string',
  adjustmentSeconds: { $nullable: 'number' },
  variableBasis: { $nullable: word('utc', 'localtime') },
  startSeconds: { $nullable: 'number' },
  baseDecidedBy: 'string',
  clockDecidedBy: 'string',
} satisfies MemberShapes<EffectiveRtc>;

/** What a saved effective clock must look like. */
export const EFFECTIVE_CLOCK: Shape = {
  rtc: RTC,
  kvmclock: word('on', 'off', 'hidden', 'inert', 'not-applicable'),
  kvmclockDecidedBy: 'string',
  kvmclockAsked: { $nullable: word('on', 'off') },
  hvTime: word('on', 'off', 'inert', 'not-applicable'),
  hvTimeDecidedBy: 'string',
  enlightenments: ['string'],
  hvPassthrough: 'boolean',
  hpet: word('on', 'off', 'unknown', 'not-applicable'),
  hpetDecidedBy: 'string',
  pitLostTickPolicy: { $nullable: word('delay', 'discard') },
  pitDecidedBy: 'string',
  tscFrequencyHz: { $nullable: 'number' },
  invtsc: { $nullable: 'boolean' },
  migratable: { $nullable: 'boolean' },
  armVirtualCounterStopsOnPause: { $nullable: 'boolean' },
  tz: { $nullable: 'string' },
  tzDecidedBy: { $nullable: 'string' },
  overrides: ['string'],
  recordReplay: 'boolean',
  qemuArgs: ['string'],
  readFrom: word('process', 'definition'),
} satisfies MemberShapes<EffectiveClock>;
