import { expect } from 'chai';
import { requireCommand } from '../support/requirement.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';
import { kernelClockLab } from './kernelClockLab.js';
import { type LabResults, runLabMachine } from './labMachine.js';
import { labOrSkip } from './labOrSkip.js';

interface Report {
  readonly host: { readonly findings: readonly Finding[] };
}
interface Finding {
  readonly check: string;
  readonly outcome: string;
  readonly code: string;
  readonly observed: string;
}

describe("a machine's own clocks, on a real kernel with a real chronyd", function () {
  this.timeout(300_000);
  let scratch: ScratchDirectory;
  let results: LabResults;

  before(async function () {
    requireCommand(this, 'qemu-system-x86_64', 'chronyd', 'chronyc', 'setpriv');
    scratch = scratchDirectory('vca-clock');
    const machine = await labOrSkip(this, () => kernelClockLab(scratch.path));
    results = await runLabMachine(machine);
    process.stderr.write(`the machine took ${results.seconds.toFixed(0)} s\n`);
  });
  after(() => scratch?.remove());

  function finding(run: string, check: string): Finding {
    const { stdout, stderr } = results.run(run);
    let report: Report;
    try {
      report = JSON.parse(stdout) as Report;
    } catch {
      throw new Error(`no report of '${run}': ${stderr}${stdout.slice(0, 500)}`);
    }
    const found = report.host.findings.find((it) => it.check === check);
    if (!found) throw new Error(`${check} is not in the report of '${run}'`);
    return found;
  }
  const verdict = (run: string, check: string) => {
    const { outcome, code } = finding(run, check);
    return `${outcome} ${code}`;
  };

  it('has a hardware clock that agrees with the clock that was set by it', () => {
    expect(results.run('name').stdout).to.match(/^rtc_cmos/);
    expect(verdict('alone', 'host/hardware-clock')).to.equal('pass agrees');
    expect(finding('alone', 'host/hardware-clock').observed).to.match(
      /^\/dev\/rtc0 \(rtc_cmos\b.*taken for UTC/,
    );
  });

  it("is measured at a second's edge to a few hundredths of a second, even emulated", () => {
    for (const [run, offset] of [
      ['edge', 0],
      ['edge-stepped', -100],
    ] as const) {
      const fact = JSON.parse(results.run(run).stdout) as { value: Record<string, number> };
      expect(fact.value.errorBoundSeconds).to.be.within(0.0005, 0.25);
      expect(fact.value.offsetSeconds).to.be.closeTo(offset, 1.5);
    }
  });

  it('is behind by what the system clock was stepped', () => {
    expect(verdict('stepped', 'host/hardware-clock')).to.equal('warn off');
    const { observed } = finding('stepped', 'host/hardware-clock');
    expect(Number(/ is (\d+\.\d) s behind /.exec(observed)?.[1]), observed).to.be.closeTo(100, 3);
  });

  it('is taken for local time where /etc/adjtime says so, and is two hours off, or one in winter', () => {
    expect(verdict('local', 'host/hardware-clock')).to.equal('warn off');
    const { observed } = finding('local', 'host/hardware-clock');
    const behind = Number(/ is (\d+\.\d) s behind .* taken for local time/.exec(observed)?.[1]);
    expect(Math.min(Math.abs(behind - 3600), Math.abs(behind - 7200)), observed).to.be.below(5);
  });

  it('is a guest of the emulator by DMI', () => {
    expect(results.run('dmi').stdout).to.equal('QEMU\n');
    expect(verdict('alone', 'host/virtualisation')).to.equal('info guest');
    expect(finding('alone', 'host/virtualisation').observed).to.contain(
      "guest of qemu, by DMI sys_vendor 'QEMU'",
    );
  });

  it('has parameters about clocks, none of which takes the TSC away', () => {
    expect(verdict('alone', 'host/clock-parameters')).to.equal('info no-override');
    expect(finding('alone', 'host/clock-parameters').observed).to.equal('tsc=reliable hpet=disable');
  });

  for (const [run, waited, expected] of [
    ['alone', null, 'info unsynchronised-too'],
    ['without-rtcsync', 'waitsync-without-rtcsync', 'info flag-left-set'],
    ['after-makestep', null, 'info set-since'],
    ['with-rtcsync', 'waitsync-with-rtcsync', 'pass agrees'],
    ['stopped', null, 'info still-synchronised'],
  ] as const) {
    it(`gives ${expected} for the kernel's clock: ${run}`, () => {
      if (waited) expect(results.run(waited).exitCode, results.run(waited).stdout).to.equal(0);
      const found = finding(run, 'host/kernel-clock');
      expect(`${found.outcome} ${found.code}`, found.observed).to.equal(expected);
    });
  }
});
