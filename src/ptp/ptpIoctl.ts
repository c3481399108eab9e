import { endianness } from 'node:os';
import type { PtpCapabilities } from '../facts/ptpClock.js';
import { ioctlNumber } from '../kernel/systemCalls.js';

/** `PTP_CLK_MAGIC` */
const MAGIC = 0x3d;

/** The sizes of the structures that the calls exchange, in bytes: `struct ptp_clock_caps` and so on. */
export const PTP_BYTES = { clockCaps: 80, sysOffset: 832, sysOffsetPrecise: 64, sysOffsetExtended: 1216 };

/**
 * The calls that read a PTP clock; a descriptor that was opened for reading is enough for all of them.
 * @see the kernel's include/uapi/linux/ptp_clock.h
 */
export const PTP_CLOCK_GETCAPS = ioctlNumber('read', MAGIC, 1, PTP_BYTES.clockCaps);
export const PTP_SYS_OFFSET = ioctlNumber('write', MAGIC, 5, PTP_BYTES.sysOffset);
export const PTP_SYS_OFFSET_PRECISE = ioctlNumber('both', MAGIC, 8, PTP_BYTES.sysOffsetPrecise);
export const PTP_SYS_OFFSET_EXTENDED = ioctlNumber('both', MAGIC, 9, PTP_BYTES.sysOffsetExtended);

/** `struct ptp_clock_time`: s64 sec, u32 nsec, u32 reserved. */
const TIME_BYTES = 16;
/** Where the times of a series begin: after u32 n_samples and three reserved words. */
const SERIES_OFFSET = 16;

/** The kernel writes numbers as its machine does: s390x has PTP clocks, too. */
const LITTLE_ENDIAN = endianness() === 'LE';

function view({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** An empty `struct ptp_sys_offset` or `ptp_sys_offset_extended` that asks for a number of samples. */
export function seriesOf(samples: number, bytes: number): Buffer {
  const series = Buffer.alloc(bytes);
  view(series).setUint32(0, samples, LITTLE_ENDIAN);
  return series;
}

/** Reads `struct ptp_clock_caps`, which is made of int. */
export function readCapabilities(caps: Buffer): PtpCapabilities {
  const member = (index: number) => view(caps).getInt32(4 * index, LITTLE_ENDIAN);
  return {
    maxAdjustmentPpb: member(0),
    alarms: member(1),
    externalTimestamps: member(2),
    periodicOutputs: member(3),
    pps: member(4) !== 0,
    crossTimestamping: member(6) !== 0,
  };
}

/** The PTP clock's time between two of the system clock, in nanoseconds since 1970. */
export interface ClockReading {
  readonly before: bigint;
  readonly device: bigint;
  readonly after: bigint;
}

/** Reads `struct ptp_sys_offset_precise`: the device's time and CLOCK_REALTIME of the same instant. */
export function readPrecise(precise: Buffer): ClockReading {
  const realtime = time(precise, TIME_BYTES);
  return { before: realtime, device: time(precise, 0), after: realtime };
}

/** Reads `struct ptp_sys_offset_extended`: three times a sample, the device's in the middle. */
export function readExtended(extended: Buffer, samples: number): ClockReading[] {
  return readings(extended, samples, 3);
}

/** Reads `struct ptp_sys_offset`: system and device in turns, so that two samples share a time of the system. */
export function readBasic(basic: Buffer, samples: number): ClockReading[] {
  return readings(basic, samples, 2);
}

function readings(series: Buffer, samples: number, stride: number): ClockReading[] {
  return Array.from({ length: samples }, (_, sample) => {
    const at = SERIES_OFFSET + sample * stride * TIME_BYTES;
    return {
      before: time(series, at),
      device: time(series, at + TIME_BYTES),
      after: time(series, at + 2 * TIME_BYTES),
    };
  });
}

function time(buffer: Buffer, at: number): bigint {
  const [seconds, rest] = [
    view(buffer).getBigInt64(at, LITTLE_ENDIAN),
    view(buffer).getUint32(at + 8, LITTLE_ENDIAN),
  ];
  return seconds * 1_000_000_000n + BigInt(rest);
}
