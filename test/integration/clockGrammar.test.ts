import { expect } from 'chai';
import fc from 'fast-check';
import { describeDomain, parseDomain, readDefinition } from '../../src/domxml/definition.js';
import { clockWords } from '../../src/facts/qemuOptions.js';
import { domains } from '../support/clockGrammar.js';
import { type EmbeddedDriver, hasKvm, startEmbeddedDriver } from '../support/embeddedDriver.js';
import { isDateRefused, timeArgumentsOf } from '../support/qemuArguments.js';
import { requireCommand } from '../support/requirement.js';
import { runCommand } from '../support/runCommand.js';
import { shellWords } from '../support/shellWords.js';

/**
 * Every run generates the same domains. CLOCK_GRAMMAR_SEED=N gives others, CLOCK_GRAMMAR_RUNS=N as many as you have
 * patience for; a failure shows the smallest domain that still fails, with the seed and the path to it.
 */
const seed = Number(process.env.CLOCK_GRAMMAR_SEED ?? 20261122);
const numRuns = Number(process.env.CLOCK_GRAMMAR_RUNS ?? 1500);
/** How long libvirt may take between computing a date and our reading the clock. */
const DATE_TOLERANCE_SECONDS = 30;

describe('effective clock of generated domains', function () {
  this.timeout(240_000);
  let driver: EmbeddedDriver;
  let libvirtVersion: string;

  before(async function () {
    requireCommand(this, 'virsh', 'qemu-system-x86_64', 'qemu-system-i386', 'qemu-system-aarch64');
    requireCommand(this, 'qemu-system-arm', 'qemu-system-ppc64', 'qemu-system-s390x', 'qemu-system-riscv64');
    libvirtVersion = (await runCommand('virsh', ['--version'])).trim();
    driver = await startEmbeddedDriver();
  });

  after(() => driver?.stop());

  it(`is what libvirt makes of them (CLOCK_GRAMMAR_SEED=${seed})`, async () => {
    let translated = 0;
    await fc.assert(
      fc.asyncProperty(domains(hasKvm()), async (xml) => {
        const definition = readDefinition(xml, libvirtVersion);
        const { rtc, qemuArgs } = definition.effectiveClock;
        const answer = await driver.commandLine(xml);
        const isRefused = 'rejected' in answer || isDateRefused(answer.line);
        if ('rejected' in answer || isRefused || definition.rejections.length > 0) {
          const refused = { byUs: definition.rejections.length > 0, byThem: isRefused };
          expect(refused, JSON.stringify([definition.rejections, answer])).to.deep.equal({
            byUs: true,
            byThem: true,
          });
          return;
        }
        translated++;
        const dateIsFixed = !qemuArgs.some((argument) => argument.includes('base=datetime'));
        const theirs = timeArgumentsOf(answer.line, { dateIsFixed });
        // Where one date depends on when the domain starts, those that qemu:commandline adds are hidden with it.
        const ours = dateIsFixed
          ? qemuArgs
          : qemuArgs.map((it) => it.replace(/base=\d{4,}[-T:\d]*/g, 'base=datetime'));
        expect(ours.toSorted()).to.deep.equal(theirs.toSorted());
        if (rtc.variableBasis === 'utc') expectDate(answer.line, rtc.adjustmentSeconds ?? 0);
        // What libvirt would start is a running QEMU that does as its definition says.
        const running = describeDomain(parseDomain(xml), libvirtVersion, processOf(answer.line));
        expect(running.processDifferences).to.deep.equal([]);
        const { readFrom, qemuArgs: _, ...effect } = running.effectiveClock;
        const { readFrom: __, qemuArgs: ___, ...expected } = definition.effectiveClock;
        expect(readFrom).to.equal('process');
        expect(effect).to.deep.equal(expected);
      }),
      { seed, numRuns },
    );
    // Were nearly all refused, the property would say little.
    expect(translated).to.be.above(numRuns / 3);
  });
});

function processOf(line: string) {
  const words = shellWords(line);
  const program = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word));
  const tz = words.slice(0, program).findLast((word) => word.startsWith('TZ='));
  return { pid: 1, args: clockWords(words.slice(program + 1)), tz: tz?.slice('TZ='.length) ?? null };
}

function expectDate(line: string, adjustmentSeconds: number): void {
  const date = /base=(\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d)/.exec(line)?.[1];
  if (date === undefined) return;
  const aheadSeconds = (Date.parse(`${date}Z`) - Date.now()) / 1000;
  expect(aheadSeconds).to.be.closeTo(adjustmentSeconds, DATE_TOLERANCE_SECONDS);
}
