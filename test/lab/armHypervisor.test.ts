import { expect } from 'chai';
import { requireCommand } from '../support/requirement.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';
import { armLab } from './armLab.js';
import { type LabResults, runLabMachine } from './labMachine.js';
import { labOrSkip } from './labOrSkip.js';
import { guestTestimony, hostAudit, probeReport, provenOffer } from './labReports.js';
import { expectShown, shownSection } from './verbatim.js';

describe('an ARM hypervisor, emulated', function () {
  this.timeout(600_000);
  let machine: LabResults;
  let scratch: ScratchDirectory;

  before(async function () {
    requireCommand(this, 'qemu-system-aarch64', 'setpriv', 'apt-get', 'dpkg-deb', 'npm');
    scratch = scratchDirectory('vca-arm-lab');
    const description = await labOrSkip(this, () => armLab(scratch.path));
    machine = await runLabMachine(description);
  });
  after(() => scratch?.remove());

  it("has a guest get the host's time by the vendor's hypercall", () => {
    const probe = probeReport(machine, 'probe-json');
    const { clockPairing, stableKvmclock, measurements, capabilities } = provenOffer(probe);
    expect(clockPairing).to.include({ verdict: 'proven' });
    expect(measurements).to.include({ hypercall: '0', clockFlags: null, pvclockFlags: null });
    // The time that came back lies between two readings of the clock: a call that was never made shows itself here.
    expect(measurements.bracketSeconds).to.be.within(1e-9, 0.1);
    expect(measurements.tookSeconds).to.be.within(1e-4, 5);
    expect(capabilities).to.include({ tscHz: null, tscScaling: false, invariantTsc: false });
    expect(stableKvmclock, 'an ARM guest has no kvm-clock').to.equal(null);
    expect(probe.exitCode).to.equal(0);
  });

  it('has its probe agree with its guest that ptp_kvm works', () => {
    expect(guestTestimony(machine, 'l2')).to.include({
      insmod: null,
      ptpClock: 'KVM virtual PTP',
      clocksource: 'arch_sys_counter',
    });
  });

  it('runs on the counter that the call needs', () => {
    expect(machine.run('clocksource').stdout).to.match(/^arch_sys_counter\n/);
  });

  it('is left without a trace', () => {
    const before = machine.run('traces-before').stdout;
    expect(before).to.match(/^0\n\[/);
    expect(machine.run('traces-after').stdout).to.equal(before);
  });

  it('is audited with the same proof', () => {
    const { facts, verdicts } = hostAudit(machine);
    const { clockPairing } = provenOffer({ exitCode: 0, ...facts });
    expect(clockPairing).to.deep.equal(provenOffer(probeReport(machine, 'probe-json')).clockPairing);
    expect(verdicts('host/ptp-kvm').join()).to.match(/^pass /);
    expect(verdicts('host/kvm-clock').join()).to.match(/^not-applicable /);
    expect(verdicts('host/chrony-tracking')).to.deep.equal(['fail daemon-absent']);
  });

  it('has its hardware clock measured', () => {
    const { hardwareClock } = hostAudit(machine).facts;
    if (!hardwareClock.known || !hardwareClock.value) throw new Error('the hardware clock is not known');
    expect(hardwareClock.value).to.include({ device: '/dev/rtc0', keeps: 'utc' });
    expect(hardwareClock.value.name).to.match(/^rtc-pl031\b/);
    expect(hardwareClock.value.offsetSeconds).to.be.closeTo(-100, 2);
  });

  it('tells people what docs/kvm-probe.md shows', () => {
    const run = machine.run('probe');
    expect({ stderr: run.stderr, exitCode: run.exitCode }).to.deep.equal({ stderr: '', exitCode: 0 });
    expectShown('arm64', shownSection('arm64', run, guestTestimony(machine, 'l2')));
  });
});
