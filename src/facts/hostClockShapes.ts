import { type MemberShapes, word } from './factShape.js';
import type { HardwareClock, KernelClock, LeapTable, Virtualisation } from './kernelClock.js';
import type { PtpCapabilities, PtpClock, PtpOffset } from './ptpClock.js';
import type { Shape } from './shape.js';

export const VIRTUALISATION: Shape = {
  hypervisor: 'string',
  evidence: 'string',
} satisfies MemberShapes<Virtualisation>;

export const KERNEL_CLOCK: Shape = {
  state: word('ok', 'insert-second', 'delete-second', 'leap-in-progress', 'leap-over', 'error'),
  status: ['string'],
  maxErrorSeconds: 'number',
  estimatedErrorSeconds: 'number',
  remainingOffsetSeconds: 'number',
  frequencyPpm: 'number',
  taiOffsetSeconds: 'number',
} satisfies MemberShapes<KernelClock>;

export const HARDWARE_CLOCK: Shape = {
  device: 'string',
  name: 'string',
  offsetSeconds: 'number',
  errorBoundSeconds: 'number',
  keeps: word('utc', 'local'),
  keepsDecidedBy: 'string',
} satisfies MemberShapes<HardwareClock>;

export const LEAP_TABLE: Shape = {
  path: 'string',
  expiresAtSeconds: 'number',
  readAtSeconds: 'number',
} satisfies MemberShapes<LeapTable>;

const PTP_CAPABILITIES: Shape = {
  maxAdjustmentPpb: 'number',
  alarms: 'number',
  externalTimestamps: 'number',
  periodicOutputs: 'number',
  pps: 'boolean',
  crossTimestamping: 'boolean',
} satisfies MemberShapes<PtpCapabilities>;

const PTP_OFFSET: Shape = {
  offsetSeconds: 'number',
  errorBoundSeconds: 'number',
  method: word('precise', 'extended', 'basic'),
} satisfies MemberShapes<PtpOffset>;

export const PTP_CLOCK: Shape = {
  device: 'string',
  clockName: 'string',
  driver: { $nullable: 'string' },
  interfaces: ['string'],
  capabilities: { $nullable: PTP_CAPABILITIES },
  offset: { $nullable: PTP_OFFSET },
  offsetMissing: { $nullable: 'string' },
  users: { $nullable: ['string'] },
} satisfies MemberShapes<PtpClock>;
