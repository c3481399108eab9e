import { CLOCK_REALTIME, SystemCallError, type SystemCalls } from '../kernel/systemCalls.js';
import { EXIT, REQUEST } from './kvmIoctls.js';

const EXIT_REASON = 8;
/** How often a run goes on that was interrupted without having had the CPU. */
const MOST_ENTRIES = 5;

/** How a vCPU's run ended, and the time around it in nanoseconds since 1970. */
export interface Run {
  /** The name of `KVM_EXIT_…`; `interrupted` when only the alarm ended it; or the error of KVM_RUN. */
  readonly exit: string;
  readonly startNanoseconds: bigint;
  readonly endNanoseconds: bigint;
}

type Calls = Pick<SystemCalls, 'ioctl' | 'alarm' | 'clockNanoseconds'>;

/**
 * Runs a vCPU until it exits or has run for too long. A guest whose instruction is never executed spins until a signal
 * comes: the alarm, which goes to this thread, the only one that may be in KVM_RUN.
 * @param shared - the `struct kvm_run` of the vCPU
 * @param boundSeconds - how long it may run; one that got no CPU in that time, on a busy host, goes on
 */
export function runVcpu(calls: Calls, vcpu: number, shared: Buffer, boundSeconds: number): Run {
  calls.alarm(boundSeconds);
  const startNanoseconds = calls.clockNanoseconds(CLOCK_REALTIME);
  let error: SystemCallError | null = null;
  try {
    for (let entry = 1; entry <= MOST_ENTRIES; entry++) {
      const before = process.cpuUsage();
      error = enterVcpu(calls, vcpu);
      if (error?.code !== 'EINTR' || cpuSecondsSince(before) > boundSeconds / 2) break;
    }
  } finally {
    calls.alarm(0);
  }
  const endNanoseconds = calls.clockNanoseconds(CLOCK_REALTIME);
  return { exit: exitOf(error, shared), startNanoseconds, endNanoseconds };
}

function exitOf(error: SystemCallError | null, shared: Buffer): string {
  // KVM_RUN itself fails where the kernel cannot enter the guest at all: that is no verdict on clocks either.
  if (error) return error.code === 'EINTR' ? 'interrupted' : error.code;
  const reason = shared.readUInt32LE(EXIT_REASON);
  return EXIT[reason] ?? `exit ${reason}`;
}

/** A guest's time counts as its process's own. */
function cpuSecondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** KVM_RUN, once; the error that it ended with. */
export function enterVcpu(calls: Pick<SystemCalls, 'ioctl'>, vcpu: number): SystemCallError | null {
  try {
    calls.ioctl(vcpu, REQUEST.RUN, 0);
    return null;
  } catch (error) {
    if (error instanceof SystemCallError) return error;
    throw error;
  }
}
