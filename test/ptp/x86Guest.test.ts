import { expect } from 'chai';
import { cpuidBuffer, cpuidLeaves, cpuVendor } from '../../src/ptp/x86Cpuid.js';
import {
  enterProtectedMode,
  pairingCode,
  pvclockMsr,
  readHalted,
  readPairing,
  readPvclockFlags,
  writeCode,
  writeTables,
  X86_MEMORY_BYTES,
} from '../../src/ptp/x86Guest.js';

const PAGE = 0x2000;
const PAIRING = 0x3000;

describe('the x86 guest of the probe', () => {
  it('has a descriptor table whose flat segments the vCPU is given', () => {
    const memory = Buffer.alloc(X86_MEMORY_BYTES);
    writeTables(memory);
    const sregs = Buffer.alloc(312);
    sregs.writeBigUInt64LE(0x60000010n, 224);
    enterProtectedMode(sregs);
    const base = Number(sregs.readBigUInt64LE(192));
    const limit = sregs.readUInt16LE(200);
    for (const [segment, type] of [0, 1, 2, 3, 4, 5].map((index) => [24 * index, index === 0 ? 11 : 3])) {
      const selector = sregs.readUInt16LE((segment ?? 0) + 12);
      expect(selector + 7).to.be.at.most(limit);
      const access = memory.readUInt8(base + selector + 5);
      expect(access & 0x0f, 'type')
        .to.equal(type)
        .and.to.equal(sregs.readUInt8((segment ?? 0) + 14));
      expect(access & 0x90, 'present, no system segment').to.equal(0x90);
    }
    expect(sregs.readBigUInt64LE(224) & 1n, 'protection enabled').to.equal(1n);
    expect(sregs.readBigUInt64LE(224) >> 31n, 'paging').to.equal(0n);
  });

  it('ends every exception in a halt of its own', () => {
    const memory = Buffer.alloc(X86_MEMORY_BYTES);
    writeTables(memory);
    const sregs = Buffer.alloc(312);
    enterProtectedMode(sregs);
    const table = Number(sregs.readBigUInt64LE(208));
    expect(sregs.readUInt16LE(216)).to.equal(32 * 8 - 1);
    for (let vector = 0; vector < 32; vector++) {
      const gate = table + 8 * vector;
      const handler = memory.readUInt16LE(gate) | (memory.readUInt16LE(gate + 6) << 16);
      expect(memory.readUInt8(handler), `what handles ${vector}`).to.equal(0xf4);
      expect(memory.readUInt8(gate + 5), 'a 32-bit interrupt gate').to.equal(0x8e);
      const regs = Buffer.alloc(144);
      regs.writeBigUInt64LE(BigInt(handler + 1), 128);
      expect(readHalted(regs).exception).to.equal(vector);
    }
  });

  it('tells the halt behind the call from those of exceptions', () => {
    const memory = Buffer.alloc(X86_MEMORY_BYTES);
    const regs = writeCode(memory, pairingCode('AuthenticAMD'));
    const start = Number(regs.readBigUInt64LE(128));
    expect([...memory.subarray(start, start + 4)]).to.deep.equal([0x0f, 0x01, 0xd9, 0xf4]);
    regs.writeBigUInt64LE(BigInt(start + 4), 128);
    regs.writeBigUInt64LE(0xffffffa1n, 0);
    expect(readHalted(regs)).to.deep.equal({ result: -95, exception: null });
  });

  it("calls as each maker's CPUs do", () => {
    expect(pairingCode('HygonGenuine')).to.deep.equal([0x0f, 0x01, 0xd9, 0xf4]);
    for (const vendor of ['GenuineIntel', 'CentaurHauls', '']) {
      expect(pairingCode(vendor), vendor).to.deep.equal([0x0f, 0x01, 0xc1, 0xf4]);
    }
  });

  it('passes the address of the pairing, and sees whether it was written', () => {
    const memory = Buffer.alloc(X86_MEMORY_BYTES);
    const regs = writeCode(memory, pairingCode('GenuineIntel'));
    expect(regs.readBigUInt64LE(0), 'KVM_HC_CLOCK_PAIRING').to.equal(9n);
    expect(regs.readBigUInt64LE(8)).to.equal(BigInt(PAIRING));
    expect(readPairing(memory)).to.equal(null);
    memory.writeBigInt64LE(1_700_000_000n, PAIRING);
    memory.writeBigInt64LE(123n, PAIRING + 8);
    expect(readPairing(memory)).to.equal(1_700_000_000_000_000_123n);
    writeCode(memory, pairingCode('GenuineIntel'));
    expect(readPairing(memory), 'of an earlier call').to.equal(null);
  });

  it('has a pvclock page, whose flags count once it is written', () => {
    const memory = Buffer.alloc(X86_MEMORY_BYTES);
    const msrs = pvclockMsr();
    expect(msrs.readUInt32LE(8)).to.equal(0x4b564d01);
    expect(msrs.readBigUInt64LE(16)).to.equal(BigInt(PAGE) | 1n);
    expect(readPvclockFlags(memory), 'not written').to.equal(null);
    memory.writeUInt8(1, PAGE + 29);
    memory.writeUInt32LE(3, PAGE);
    expect(readPvclockFlags(memory), 'being written').to.equal(null);
    memory.writeUInt32LE(4, PAGE);
    expect(readPvclockFlags(memory)).to.equal(1);
  });
});

describe("KVM's CPUID", () => {
  it('is read by leaf, the first index of each', () => {
    const cpuid = cpuidBuffer();
    const entries = [
      [0, 0, 0x10, 0x68747541, 0x444d4163, 0x69746e65],
      [7, 0, 1, 2, 3, 4],
      [7, 1, 5, 6, 7, 8],
    ];
    cpuid.writeUInt32LE(entries.length, 0);
    for (const [index, [leaf = 0, subleaf = 0, ...registers]] of entries.entries()) {
      cpuid.writeUInt32LE(leaf, 8 + 40 * index);
      cpuid.writeUInt32LE(subleaf, 8 + 40 * index + 4);
      for (const [at, value] of registers.entries()) cpuid.writeUInt32LE(value, 8 + 40 * index + 12 + 4 * at);
    }
    const leaves = cpuidLeaves(cpuid);
    expect(leaves.get(7)).to.deep.equal({ eax: 1, ebx: 2, ecx: 3, edx: 4 });
    expect(cpuVendor(leaves)).to.equal('AuthenticAMD');
    expect(cpuVendor(new Map())).to.equal('');
  });

  it('never reaches beyond its buffer, whatever count the kernel gives', () => {
    const cpuid = cpuidBuffer();
    cpuid.writeUInt32LE(0xffffffff, 0);
    expect(cpuidLeaves(cpuid).size).to.equal(1);
  });
});
