import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  PTP_CLOCK_GETCAPS,
  PTP_SYS_OFFSET,
  PTP_SYS_OFFSET_EXTENDED,
  PTP_SYS_OFFSET_PRECISE,
  readBasic,
  readCapabilities,
  readExtended,
  readPrecise,
} from '../../src/ptp/ptpIoctl.js';
import { commandPath } from '../support/commandPath.js';
import { requireFact } from '../support/requirement.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';

/** Fills the kernel's own structures and prints them, with the numbers of the calls. */
const PROGRAM = `
#include <linux/ptp_clock.h>
#include <stdio.h>
static void print(const char *name, const void *from, unsigned bytes) {
  printf("%s ", name);
  for (unsigned i = 0; i < bytes; i++) printf("%02x", ((const unsigned char *)from)[i]);
  printf("\\n");
}
int main(void) {
  printf("calls %lx %lx %lx %lx\\n", (long)PTP_CLOCK_GETCAPS, (long)PTP_SYS_OFFSET,
         (long)PTP_SYS_OFFSET_PRECISE, (long)PTP_SYS_OFFSET_EXTENDED);
  struct ptp_clock_caps caps = {.max_adj = 599999999, .n_alarm = 1, .n_ext_ts = 2, .n_per_out = 3,
                                .pps = 1, .n_pins = 4, .cross_timestamping = 1, .adjust_phase = 0};
  print("caps", &caps, sizeof caps);
  struct ptp_sys_offset_precise precise = {.device = {1037, 5}, .sys_realtime = {1000, 7}, .sys_monoraw = {9, 9}};
  print("precise", &precise, sizeof precise);
  struct ptp_sys_offset_extended extended = {.n_samples = 2};
  struct ptp_sys_offset basic = {.n_samples = 2};
  for (int sample = 0; sample < 2; sample++)
    for (int one = 0; one < 3; one++) extended.ts[sample][one] = (struct ptp_clock_time){100 * sample + one, one};
  for (int one = 0; one < 5; one++) basic.ts[one] = (struct ptp_clock_time){one, 10 * one};
  print("extended", &extended, sizeof extended);
  print("basic", &basic, sizeof basic);
  return 0;
}
`;

const nanoseconds = (seconds: number, rest: number) => BigInt(seconds) * 1_000_000_000n + BigInt(rest);

describe("the kernel's structures about PTP clocks", () => {
  let scratch: ScratchDirectory;
  let printed: ReadonlyMap<string, string>;
  const buffer = (name: string) => Buffer.from(printed.get(name) ?? '', 'hex');

  before(function () {
    const compiler = commandPath('cc') ?? commandPath('gcc');
    requireFact(this, compiler !== undefined, "there is no C compiler to ask about the kernel's header");
    scratch = scratchDirectory('ptp');
    const [program, source] = [join(scratch.path, 'layout'), join(scratch.path, 'layout.c')];
    writeFileSync(source, PROGRAM);
    execFileSync(compiler as string, ['-o', program, source], { timeout: 30_000 });
    const lines = execFileSync(program, { encoding: 'utf8' }).trim().split('\n');
    printed = new Map(lines.map((line) => [line.replace(/ .*/, ''), line.replace(/^\S+ /, '')]));
  });
  after(() => scratch?.remove());

  it('have the numbers of their calls from the header', () => {
    const numbers = [PTP_CLOCK_GETCAPS, PTP_SYS_OFFSET, PTP_SYS_OFFSET_PRECISE, PTP_SYS_OFFSET_EXTENDED];
    expect(numbers.map((number) => number.toString(16)).join(' ')).to.equal(printed.get('calls'));
  });

  it('are read where the compiler puts their members', () => {
    expect(readCapabilities(buffer('caps'))).to.deep.equal({
      maxAdjustmentPpb: 599_999_999,
      alarms: 1,
      externalTimestamps: 2,
      periodicOutputs: 3,
      pps: true,
      crossTimestamping: true,
    });
    expect(readPrecise(buffer('precise'))).to.deep.equal({
      before: nanoseconds(1000, 7),
      device: nanoseconds(1037, 5),
      after: nanoseconds(1000, 7),
    });
    expect(readExtended(buffer('extended'), 2)).to.deep.equal([
      { before: 0n, device: nanoseconds(1, 1), after: nanoseconds(2, 2) },
      { before: nanoseconds(100, 0), device: nanoseconds(101, 1), after: nanoseconds(102, 2) },
    ]);
    expect(readBasic(buffer('basic'), 2)).to.deep.equal([
      { before: 0n, device: nanoseconds(1, 10), after: nanoseconds(2, 20) },
      { before: nanoseconds(2, 20), device: nanoseconds(3, 30), after: nanoseconds(4, 40) },
    ]);
  });
});

describe('the numbers of the calls about PTP clocks', () => {
  // As Linux's include/uapi/linux/ptp_clock.h makes them on x86, ARM and RISC-V; for machines without a compiler.
  it('are those of Linux', () => {
    expect(PTP_CLOCK_GETCAPS).to.equal(0x80503d01);
    expect(PTP_SYS_OFFSET).to.equal(0x43403d05);
    expect(PTP_SYS_OFFSET_PRECISE).to.equal(0xc0403d08);
    expect(PTP_SYS_OFFSET_EXTENDED).to.equal(0xc4c03d09);
  });
});
