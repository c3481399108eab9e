import { createRequire } from 'node:module';
import { constants } from 'node:os';
import type Koffi from 'koffi';

/** A system call that failed. */
export class SystemCallError extends Error {
  override readonly name = 'SystemCallError';
  /** The error's name, such as `EOPNOTSUPP`. */
  readonly code: string;

  constructor(
    readonly call: string,
    readonly errno: number,
  ) {
    const code = NAMES.get(errno) ?? `errno ${errno}`;
    super(`${call} failed: ${code}`);
    this.code = code;
  }
}

/** The system calls that tell about clocks, through the C library. Nothing in here changes a clock of the machine. */
export interface SystemCalls {
  readonly koffi: typeof Koffi;
  /**
   * ioctl(2) with a buffer or a number.
   * @returns what the call returned, never negative
   * @throws SystemCallError
   */
  ioctl(descriptor: number, request: number, argument?: Buffer | bigint | number): number;
  /**
   * clock_gettime(2).
   * @returns nanoseconds since the clock's own beginning
   * @throws SystemCallError
   */
  clockNanoseconds(clock: number): bigint;
  /**
   * adjtimex(2) with the modes in the buffer, which must be 0.
   * @returns the state, 0 (`TIME_OK`) to 5 (`TIME_ERROR`)
   * @throws SystemCallError
   */
  adjtimex(timex: Buffer): number;
  /**
   * mmap(2) of memory that can be read and written; the address.
   * @throws SystemCallError
   */
  mmap(length: number, flags: number, descriptor: number): bigint;
  munmap(address: bigint, length: number): void;
  /**
   * setitimer(2), ITIMER_REAL, again and again, so that none comes too early for a call that has to be interrupted;
   * 0 takes it back. A listener for SIGALRM must be there.
   */
  alarm(seconds: number): void;
}

/** `CLOCK_…` of the kernel's include/uapi/linux/time.h */
export const CLOCK_REALTIME = 0;
export const CLOCK_MONOTONIC = 1;
export const CLOCK_MONOTONIC_RAW = 4;
export const CLOCK_BOOTTIME = 7;
export const CLOCK_TAI = 11;

/** `MAP_…` of mmap(2) */
export const MAP_SHARED = 1;
export const MAP_ANONYMOUS = 0x20;

const PROT_READ_WRITE = 3;
const MAP_FAILED = 2n ** 64n - 1n;
const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.errno).map(([name, number]) => [number, name]),
);

let loaded: SystemCalls | null = null;

/**
 * Binds the calls.
 * @throws Error when the C library cannot be loaded
 */
export function systemCalls(): SystemCalls {
  loaded ??= bind();
  return loaded;
}

function bind(): SystemCalls {
  const koffi = createRequire(import.meta.url)('koffi') as typeof Koffi;
  const libc = koffi.load('libc.so.6');
  // ioctl is variadic; on the x86_64 and AArch64 ABIs of Linux the argument is passed as a named one would be.
  const ioctlBuffer = libc.func('int ioctl(int fd, unsigned long request, void *argument)');
  const ioctlNumber = libc.func('int ioctl(int fd, unsigned long request, unsigned long argument)');
  const clockGettime = libc.func('int clock_gettime(int clock, void *timespec)');
  const adjtimex = libc.func('int adjtimex(void *timex)');
  const mmap = libc.func(
    'void *mmap(void *address, size_t length, int protection, int flags, int fd, int64_t offset)',
  );
  const munmap = libc.func('int munmap(void *address, size_t length)');
  const setitimer = libc.func('int setitimer(int which, void *value, void *old)');
  const checked = (call: string, result: number): number => {
    if (result < 0) throw new SystemCallError(call, koffi.errno());
    return result;
  };
  const timespec = Buffer.alloc(16);
  return {
    koffi,
    ioctl(descriptor, request, argument = 0) {
      const call = Buffer.isBuffer(argument) ? ioctlBuffer : ioctlNumber;
      return checked('ioctl', call(descriptor, request, argument));
    },
    clockNanoseconds(clock) {
      checked('clock_gettime', clockGettime(clock, timespec));
      return timespec.readBigInt64LE(0) * 1_000_000_000n + timespec.readBigInt64LE(8);
    },
    adjtimex(timex) {
      if (timex.readInt32LE(0) !== 0) throw new TypeError('modes must be 0: nothing is to be changed');
      return checked('adjtimex', adjtimex(timex));
    },
    mmap(length, flags, descriptor) {
      const address: bigint = mmap(null, length, PROT_READ_WRITE, flags, descriptor, 0);
      if (BigInt.asUintN(64, address) === MAP_FAILED) throw new SystemCallError('mmap', koffi.errno());
      return address;
    },
    munmap(address, length) {
      munmap(address, length);
    },
    alarm(seconds) {
      const value = Buffer.alloc(32);
      for (const timeval of [0, 16]) {
        value.writeBigInt64LE(BigInt(Math.floor(seconds)), timeval);
        value.writeBigInt64LE(BigInt(Math.round((seconds % 1) * 1e6)), timeval + 8);
      }
      checked('setitimer', setitimer(0, value, null));
    },
  };
}

/** The number of an ioctl as asm-generic/ioctl.h makes it: the same on x86, ARM, RISC-V and s390. */
export function ioctlNumber(
  direction: 'none' | 'write' | 'read' | 'both',
  type: number,
  number: number,
  bytes = 0,
): number {
  const code = { none: 0, write: 1, read: 2, both: 3 }[direction];
  return ((code << 30) | (bytes << 16) | (type << 8) | number) >>> 0;
}
