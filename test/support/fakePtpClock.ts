import { constants } from 'node:os';
import { SystemCallError, type SystemCalls } from '../../src/kernel/systemCalls.js';
import {
  PTP_CLOCK_GETCAPS,
  PTP_SYS_OFFSET,
  PTP_SYS_OFFSET_EXTENDED,
  PTP_SYS_OFFSET_PRECISE,
} from '../../src/ptp/ptpIoctl.js';

/** What a PTP clock's driver answers; what is not there it does not support. Times are nanoseconds since 1970. */
export interface FakePtpClock {
  readonly maxAdjustmentPpb?: number;
  readonly crossTimestamping?: boolean;
  /** The device's time and the system's. */
  readonly precise?: readonly [bigint, bigint];
  /** A system time, the device's and a system time for each sample, as many as are asked for. */
  readonly extended?: readonly (readonly [bigint, bigint, bigint])[];
  /** The system's and the device's times in turns, the system's last. */
  readonly basic?: readonly bigint[];
  /** The error of every call. */
  readonly error?: 'ENOTTY' | 'EIO';
}

/**
 * The system calls of a machine with one PTP clock. A stand-in, for PTP clocks are hardware: most machines that run tests
 * have none, and none whose offset is known. What it fills in lies where the kernel's header has it, as the layout's
 * own test proves.
 */
export function fakePtpCalls(
  clock: FakePtpClock,
): Pick<SystemCalls, 'ioctl'> & { readonly requests: number[] } {
  const requests: number[] = [];
  const answer = (call: number, buffer: Buffer): keyof typeof constants.errno | null => {
    switch (call) {
      case PTP_CLOCK_GETCAPS:
        buffer.writeInt32LE(clock.maxAdjustmentPpb ?? 0, 0);
        buffer.writeInt32LE(clock.crossTimestamping ? 1 : 0, 24);
        return null;
      case PTP_SYS_OFFSET_PRECISE:
        return fill(buffer, 0, clock.precise);
      case PTP_SYS_OFFSET_EXTENDED:
        return fill(buffer, 16, clock.extended?.slice(0, buffer.readUInt32LE(0)).flat());
      case PTP_SYS_OFFSET:
        return fill(buffer, 16, clock.basic?.slice(0, 2 * buffer.readUInt32LE(0) + 1));
      default:
        return 'ENOTTY';
    }
  };
  return {
    requests,
    ioctl(_descriptor, request, argument) {
      requests.push(request);
      if (!Buffer.isBuffer(argument)) throw new TypeError('every call about PTP clocks takes a structure');
      const error = clock.error ?? answer(request, argument);
      if (error) throw new SystemCallError('ioctl', constants.errno[error]);
      return 0;
    },
  };
}

function fill(buffer: Buffer, at: number, times: readonly bigint[] | undefined): 'EOPNOTSUPP' | null {
  if (times === undefined) return 'EOPNOTSUPP';
  for (const [index, time] of times.entries()) {
    buffer.writeBigInt64LE(time / 1_000_000_000n, at + 16 * index);
    buffer.writeUInt32LE(Number(time % 1_000_000_000n), at + 16 * index + 8);
  }
  return null;
}
