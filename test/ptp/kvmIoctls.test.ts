import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { REQUEST } from '../../src/ptp/kvmIoctls.js';
import { requireCommand } from '../support/requirement.js';
import { runCommand } from '../support/runCommand.js';

/** As the kernel's headers come to on x86_64; those of ARM on aarch64. */
const NUMBERS: Readonly<Record<string, number>> = {
  GET_API_VERSION: 0xae00,
  CREATE_VM: 0xae01,
  CHECK_EXTENSION: 0xae03,
  GET_VCPU_MMAP_SIZE: 0xae04,
  GET_SUPPORTED_CPUID: 0xc008ae05,
  CREATE_VCPU: 0xae41,
  SET_USER_MEMORY_REGION: 0x4020ae46,
  SET_TSS_ADDR: 0xae47,
  SET_CLOCK: 0x4030ae7b,
  GET_CLOCK: 0x8030ae7c,
  RUN: 0xae80,
  GET_REGS: 0x8090ae81,
  SET_REGS: 0x4090ae82,
  GET_SREGS: 0x8138ae83,
  SET_SREGS: 0x4138ae84,
  SET_MSRS: 0x4008ae89,
  SET_CPUID2: 0x4008ae90,
  GET_TSC_KHZ: 0xaea3,
  GET_ONE_REG: 0x4010aeab,
  SET_ONE_REG: 0x4010aeac,
  ARM_VCPU_INIT: 0x4020aeae,
  ARM_PREFERRED_TARGET: 0x8020aeaf,
};

describe("KVM's requests", () => {
  it('have the numbers of the ABI', () => {
    expect(REQUEST).to.deep.equal(NUMBERS);
  });

  it("have the numbers of this machine's headers", async function () {
    if (process.arch !== 'x64') this.skip();
    requireCommand(this, 'gcc');
    const names = Object.keys(REQUEST).filter((name) => !/ARM|ONE_REG/.test(name));
    const lines = names.map((name) => `printf("${name} %lu\\n", (unsigned long)KVM_${name});`);
    const directory = mkdtempSync(join(tmpdir(), 'vca-kvm-'));
    try {
      const source = join(directory, 'numbers.c');
      const program = join(directory, 'numbers');
      writeFileSync(
        source,
        `#include <stdio.h>\n#include <linux/kvm.h>\nint main(void) { ${lines.join('\n')} return 0; }\n`,
      );
      await runCommand('gcc', ['-o', program, source]);
      const stdout = await runCommand(program, []);
      const told = stdout.trim().split('\n');
      expect(told).to.deep.equal(names.map((name) => `${name} ${REQUEST[name as keyof typeof REQUEST]}`));
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
