import { expect } from 'chai';
import { SystemCallError } from '../../src/kernel/systemCalls.js';
import { runVcpu } from '../../src/ptp/vcpuRun.js';

const BOUND_SECONDS = 0.05;
const EINTR = 4;

/** Runs a vCPU whose entries end as told, and records what was done. */
function run(entries: readonly (() => void)[], exitReason = 5) {
  const done: string[] = [];
  let entry = 0;
  let now = 0n;
  const shared = Buffer.alloc(64);
  shared.writeUInt32LE(exitReason, 8);
  const result = runVcpu(
    {
      alarm: (seconds) => void done.push(seconds === 0 ? 'alarm off' : 'alarm'),
      clockNanoseconds: () => ++now,
      ioctl() {
        done.push('enter');
        (entries[entry++] ?? entries.at(-1))?.();
        return 0;
      },
    },
    7,
    shared,
    BOUND_SECONDS,
  );
  return { ...result, done };
}

const interruptedAtOnce = () => {
  throw new SystemCallError('ioctl', EINTR);
};
const interruptedAfterSpinning = () => {
  const end = process.cpuUsage().user + BOUND_SECONDS * 1e6;
  while (process.cpuUsage().user < end);
  interruptedAtOnce();
};

describe("a vCPU's run", () => {
  it('tells why it came back, within a bracket', () => {
    const { exit, startNanoseconds, endNanoseconds, done } = run([() => undefined]);
    expect([exit, startNanoseconds, endNanoseconds]).to.deep.equal(['HLT', 1n, 2n]);
    expect(done).to.deep.equal(['alarm', 'enter', 'alarm off']);
    expect(run([() => undefined], 99).exit).to.equal('exit 99');
  });

  it('goes on when the alarm came before it had the CPU', () => {
    const { exit, done } = run([interruptedAtOnce, interruptedAtOnce, () => undefined]);
    expect(exit).to.equal('HLT');
    expect(done).to.deep.equal(['alarm', 'enter', 'enter', 'enter', 'alarm off']);
  });

  it('is given up when it spun', () => {
    const { exit, done } = run([interruptedAfterSpinning]);
    expect(exit).to.equal('interrupted');
    expect(done).to.deep.equal(['alarm', 'enter', 'alarm off']);
  });

  it('is given up when it never gets the CPU', () => {
    const { exit, done } = run([interruptedAtOnce]);
    expect(exit).to.equal('interrupted');
    expect(done.filter((it) => it === 'enter')).to.have.length(5);
  });

  it('tells the error of an entry that failed, and takes the alarm back after a fault', () => {
    const failed = run([
      () => {
        throw new SystemCallError('ioctl', 14);
      },
    ]);
    expect(failed.exit).to.equal('EFAULT');
    const done: number[] = [];
    const faulty = () =>
      runVcpu(
        {
          alarm: (seconds) => void done.push(seconds),
          clockNanoseconds: () => 0n,
          ioctl() {
            throw new TypeError('a fault');
          },
        },
        7,
        Buffer.alloc(64),
        BOUND_SECONDS,
      );
    expect(faulty).to.throw(TypeError);
    expect(done).to.deep.equal([BOUND_SECONDS, 0]);
  });
});
