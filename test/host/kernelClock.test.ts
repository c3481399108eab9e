import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { readKernelClock } from '../../src/host/kernelClock.js';
import { SystemCallError } from '../../src/kernel/systemCalls.js';
import { PYTHON, requirePythonModule } from '../support/requirement.js';

interface Timex {
  readonly offset?: bigint;
  readonly frequency?: bigint;
  readonly maxError?: bigint;
  readonly estimatedError?: bigint;
  readonly status?: number;
  readonly tick?: bigint;
  readonly tai?: number;
}

/** A kernel that writes these values where `struct timex` has them. */
function kernel(state: number, timex: Timex) {
  return () => ({
    adjtimex(buffer: Buffer): number {
      expect(buffer.length).to.equal(208);
      expect(buffer.every((byte) => byte === 0)).to.equal(true);
      buffer.writeBigInt64LE(timex.offset ?? 0n, 8);
      buffer.writeBigInt64LE(timex.frequency ?? 0n, 16);
      buffer.writeBigInt64LE(timex.maxError ?? 0n, 24);
      buffer.writeBigInt64LE(timex.estimatedError ?? 0n, 32);
      buffer.writeInt32LE(timex.status ?? 0, 40);
      buffer.writeBigInt64LE(timex.tick ?? 10_000n, 88);
      buffer.writeInt32LE(timex.tai ?? 0, 160);
      return state;
    },
  });
}

function read(state: number, timex: Timex) {
  const fact = readKernelClock(kernel(state, timex), 'x64');
  if (!fact.known) throw new Error(fact.reason);
  return fact.value;
}

describe("the kernel's own view of its clock", () => {
  it('is read from where struct timex has it', () => {
    const timex = { maxError: 12_345n, estimatedError: 678n, status: 0x2001, tai: 37 };
    expect(readKernelClock(kernel(0, timex), 'x64')).to.deep.equal({
      known: true,
      value: {
        state: 'ok',
        status: ['pll', 'nano'],
        maxErrorSeconds: 0.012345,
        estimatedErrorSeconds: 0.000678,
        remainingOffsetSeconds: 0,
        frequencyPpm: 0,
        taiOffsetSeconds: 37,
      },
      source: 'adjtimex',
    });
  });

  for (const [state, name] of [
    [0, 'ok'],
    [1, 'insert-second'],
    [2, 'delete-second'],
    [3, 'leap-in-progress'],
    [4, 'leap-over'],
    [5, 'error'],
    [6, 'error'],
  ] as const) {
    it(`calls the state ${state} ${name}`, () => expect(read(state, {}).state).to.equal(name));
  }

  it('names every status bit', () => {
    expect(read(5, { status: 0x40 }).status).to.deep.equal(['unsync']);
    expect(read(0, { status: 0x30 }).status).to.deep.equal(['ins', 'del']);
    expect(read(0, { status: 0xff_ff }).status).to.have.length(16);
    expect(read(0, { status: 0x90_00 }).status).to.deep.equal(['clockerr', 'clk']);
  });

  it('turns the offset that is still to be added into how far the clock is ahead, in either unit', () => {
    expect(read(0, { offset: 1500n }).remainingOffsetSeconds).to.equal(-0.0015);
    expect(read(0, { offset: -1500n, status: 0x2000 }).remainingOffsetSeconds).to.equal(0.0000015);
    expect(Object.is(read(0, {}).remainingOffsetSeconds, 0), 'not -0').to.equal(true);
  });

  it('adds up the frequency and the length of the tick, both of which daemons steer by', () => {
    expect(read(0, { frequency: 65_536n * 12n + 32_768n }).frequencyPpm).to.equal(12.5);
    expect(read(0, { frequency: -65_536n * 500n }).frequencyPpm).to.equal(-500);
    expect(read(0, { tick: 10_003n, frequency: -65_536n }).frequencyPpm).to.equal(299);
    expect(read(0, { tick: 9_999n }).frequencyPpm).to.equal(-100);
  });

  for (const [errno, cause] of [
    [1, 'adjtimex-denied'],
    [38, 'adjtimex-denied'],
    [14, 'adjtimex-failed'],
  ] as const) {
    it(`is unknown with ${cause} when the call ends with errno ${errno}`, () => {
      const refuse = () => ({
        adjtimex(): number {
          throw new SystemCallError('adjtimex', errno);
        },
      });
      expect(readKernelClock(refuse, 'x64')).to.deep.include({ known: false, cause, source: 'adjtimex' });
    });
  }

  it('is unknown where the C library cannot be loaded', () => {
    const load = () => {
      throw new Error('libc.so.6: cannot open shared object file');
    };
    const fact = readKernelClock(load, 'x64');
    expect(fact).to.deep.include({ known: false, cause: 'system-calls-unavailable' });
    if (!fact.known) expect(fact.reason).to.contain('libc.so.6');
  });

  it('is unknown to a Node.js of 32 bits, which is not let near the call', () => {
    const load = () => {
      throw new Error('called');
    };
    for (const architecture of ['arm', 'ia32', 'mipsel']) {
      expect(readKernelClock(load, architecture)).to.deep.include({ known: false, cause: 'not-supported' });
    }
  });

  it('is that of this machine, as another program reads it', function () {
    requirePythonModule(this, 'ctypes');
    const program =
      "import ctypes, struct; b = ctypes.create_string_buffer(208); r = ctypes.CDLL(None).adjtimex(b); print(r, struct.unpack_from('=i', b, 40)[0], struct.unpack_from('=q', b, 24)[0], struct.unpack_from('=i', b, 160)[0])";
    const { stdout } = spawnSync(PYTHON, ['-c', program], { encoding: 'utf8' });
    const [state, bits, maxError, tai] = stdout.trim().split(' ').map(Number);
    const fact = readKernelClock();
    if (!fact.known) throw new Error(fact.reason);
    expect(fact.value.status.includes('unsync')).to.equal(((bits ?? 0) & 0x40) !== 0);
    expect(fact.value.state === 'error').to.equal(state === 5);
    expect(fact.value.taiOffsetSeconds).to.equal(tai);
    expect(fact.value.maxErrorSeconds).to.be.closeTo((maxError ?? 0) / 1e6, 0.1);
    expect(Math.abs(fact.value.frequencyPpm)).to.be.below(200_000);
  });
});
