import { expect } from 'chai';
import {
  ARM_CODE_ADDRESS,
  ARM_MEMORY_BASE,
  ARM_MEMORY_BYTES,
  ARM_PC,
  ARM_UNMAPPED_ADDRESS,
  armRegister,
  armServiceNames,
  readArmPairing,
  withPsci,
  writeArmCode,
} from '../../src/ptp/armGuest.js';
import { bothCounters } from '../../src/ptp/armProbe.js';
import { ARM_REFUSALS, pairingVerdict } from '../../src/ptp/pairingVerdict.js';
import { INCONCLUSIVE, PROVEN, REFUSED } from '../support/kvmProbes.js';

const TIME = 1_790_000_000_123_456_789n;
const bracket = { startNanoseconds: TIME - 100n, endNanoseconds: TIME + 100n };
const judge = (x0: bigint, x1: bigint) =>
  pairingVerdict({ answered: true, ...readArmPairing(x0, x1), ...bracket }, ARM_REFUSALS);

describe('the ARM guest of the probe', () => {
  it('makes the call and stores where nothing is', () => {
    const memory = Buffer.alloc(ARM_MEMORY_BYTES);
    writeArmCode(memory);
    const at = Number(ARM_CODE_ADDRESS - ARM_MEMORY_BASE);
    expect(memory.subarray(at, at + 8).toString('hex')).to.equal('020000d4200100b9');
    const end = ARM_MEMORY_BASE + BigInt(ARM_MEMORY_BYTES);
    expect(ARM_UNMAPPED_ADDRESS < ARM_MEMORY_BASE || ARM_UNMAPPED_ADDRESS >= end).to.equal(true);
  });

  it("has the registers' numbers of the ABI", () => {
    expect(armRegister(0)).to.equal(0x6030000000100000n);
    expect(armRegister(9)).to.equal(0x6030000000100012n);
    expect(ARM_PC).to.equal(0x6030000000100040n);
  });

  it('asks for PSCI 0.2, and keeps what the kernel prefers', () => {
    const preferred = Buffer.alloc(32);
    preferred.writeUInt32LE(5, 0);
    preferred.writeUInt32LE(0x10, 4);
    const init = withPsci(preferred);
    expect([init.readUInt32LE(0), init.readUInt32LE(4)]).to.deep.equal([5, 0x14]);
  });

  it('names the services', () => {
    expect(armServiceNames(3n)).to.deep.equal(['features', 'ptp']);
    expect(armServiceNames(1n)).to.deep.equal(['features']);
  });

  it('believes a time inside the bracket', () => {
    const { proof, bracketSeconds } = judge(TIME >> 32n, TIME & 0xffffffffn);
    expect(proof.verdict).to.equal('proven');
    expect(bracketSeconds).to.be.closeTo(200e-9, 1e-12);
  });

  it('ignores the upper halves of the registers', () => {
    const high = 0xdeadbeefn << 32n;
    expect(judge((TIME >> 32n) | high, (TIME & 0xffffffffn) | high).proof.verdict).to.equal('proven');
  });

  it('takes NOT_SUPPORTED for a refusal', () => {
    const { proof, hypercall } = judge(0xffffffffffffffffn, 0n);
    expect(proof.verdict).to.equal('refused');
    expect(hypercall).to.equal('-1 NOT_SUPPORTED');
    expect(judge(0xffffffffn, 0n).proof.verdict).to.equal('refused');
  });

  it('does not take a call that was skipped for an answer', () => {
    expect(judge(0x86000001n, 0n).proof.verdict).to.equal('inconclusive');
    expect(judge(0x06000001n, 1n).proof.verdict).to.equal('inconclusive');
  });

  it('needs both counters for a proof', () => {
    expect(bothCounters(PROVEN, PROVEN)).to.equal(PROVEN);
    expect(bothCounters(PROVEN, REFUSED)).to.deep.equal({
      verdict: 'refused',
      because: 'with the physical counter, the kernel said no',
    });
    expect(bothCounters(REFUSED, INCONCLUSIVE).because).to.match(/^with the virtual counter/);
    expect(bothCounters(PROVEN, INCONCLUSIVE).verdict).to.equal('inconclusive');
    expect(bothCounters(INCONCLUSIVE, PROVEN).because).to.match(/^with the virtual counter/);
  });
});
