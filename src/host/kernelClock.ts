import { type Fact, known, unknown } from '../facts/fact.js';
import type { KernelClock } from '../facts/kernelClock.js';
import { SystemCallError, type SystemCalls, systemCalls } from '../kernel/systemCalls.js';

const SOURCE = 'adjtimex';

/** Where `long` has 64 bits and `struct timex` the layout below; a kernel of 32 bits has another. */
const LP64: ReadonlySet<string> = new Set(['x64', 'arm64', 'riscv64', 's390x', 'ppc64', 'loong64']);

/** What the call returns, `TIME_OK` to `TIME_ERROR`. */
const STATES = ['ok', 'insert-second', 'delete-second', 'leap-in-progress', 'leap-over', 'error'] as const;

/** The `STA_` bits from the lowest on. */
const STATUS_BITS = [
  ...['pll', 'ppsfreq', 'ppstime', 'fll', 'ins', 'del', 'unsync', 'freqhold'],
  ...['ppssignal', 'ppsjitter', 'ppswander', 'ppserror', 'clockerr', 'nano', 'mode', 'clk'],
];

/** `struct timex` has 208 bytes, of which these are read: indices of 64-bit words and of one 32-bit word. */
const WORDS = 26;
const OFFSET = 1;
const FREQUENCY = 2;
const MAX_ERROR = 3;
const ESTIMATED_ERROR = 4;
const STATUS = 5;
const TICK = 11;
const TAI_32 = 40;

/** A tick of `USER_HZ`, 100 of them a second, in microseconds. */
const NOMINAL_TICK = 10_000;

/**
 * Asks the kernel for its own view of the clock. Nothing is changed, and no privilege is needed; but a seccomp filter
 * such as that of systemd's `ProtectClock=` may refuse the call altogether.
 * @param calls - binds the system calls
 * @param architecture - as `process.arch`
 * @see adjtimex(2); `struct timex` and the `STA_` bits in the kernel's include/uapi/linux/timex.h
 */
export function readKernelClock(
  calls: () => Pick<SystemCalls, 'adjtimex'> = systemCalls,
  architecture: string = process.arch,
): Fact<KernelClock> {
  if (!LP64.has(architecture)) {
    const reason = `the kernel's clock is only read by a 64-bit Node.js, and this one is ${architecture}`;
    return unknown(SOURCE, 'not-supported', reason);
  }
  const words = new BigInt64Array(WORDS);
  try {
    const state = calls().adjtimex(Buffer.from(words.buffer));
    return known(kernelClock(state, words), SOURCE);
  } catch (error) {
    if (!(error instanceof SystemCallError)) {
      const reason = `the C library could not be called to ask the kernel about its clock: ${(error as Error).message}`;
      return unknown(SOURCE, 'system-calls-unavailable', reason);
    }
    const denied = error.code === 'EPERM' || error.code === 'ENOSYS';
    const reason = denied
      ? `adjtimex is refused (${error.code}), though it needs no privilege to read: a filter of system calls keeps it from this process (ProtectClock= of a systemd unit, a container's seccomp profile)`
      : `adjtimex failed (${error.code})`;
    return unknown(SOURCE, denied ? 'adjtimex-denied' : 'adjtimex-failed', reason);
  }
}

/** The words are the machine's own, so that its byte order does not matter. */
function kernelClock(state: number, words: BigInt64Array): KernelClock {
  const word = (index: number) => Number(words[index]);
  const halves = new Int32Array(words.buffer);
  const bits = halves[STATUS * 2] ?? 0;
  const status = STATUS_BITS.filter((_, bit) => (bits >> bit) & 1);
  const perSecond = status.includes('nano') ? 1e9 : 1e6;
  return {
    // The kernel has no other; what it does not know itself it calls an error.
    state: STATES[state] ?? 'error',
    status,
    maxErrorSeconds: word(MAX_ERROR) / 1e6,
    estimatedErrorSeconds: word(ESTIMATED_ERROR) / 1e6,
    // The kernel's offset is what it will add to the clock, so the clock is behind by it. 0 is not to become -0.
    remainingOffsetSeconds: 0 - word(OFFSET) / perSecond,
    // chronyd and phc2sys steer by the length of the tick as well.
    frequencyPpm: word(FREQUENCY) / 65_536 + (word(TICK) - NOMINAL_TICK) * (1e6 / NOMINAL_TICK),
    taiOffsetSeconds: halves[TAI_32] ?? 0,
  };
}
