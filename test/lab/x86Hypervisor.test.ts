import { availableParallelism } from 'node:os';
import { expect } from 'chai';
import pLimit from 'p-limit';
import { requireCommand, requireFact } from '../support/requirement.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';
import { type LabResults, runLabMachine } from './labMachine.js';
import { labOrSkip } from './labOrSkip.js';
import { guestTestimony, hostAudit, probeReport, provenOffer } from './labReports.js';
import { expectShown, shownSection } from './verbatim.js';
import { x86Lab } from './x86Lab.js';

/** error numbers of init_module(2). */
const EOPNOTSUPP = 95;
/** How far l1.sh sets the clock ahead of the hardware clock, in seconds. */
const STEP = 100;

/** What each clocksource of the hypervisor means for its guests, by the kernel's arch/x86/kvm/x86.c. */
const CLOCKSOURCES = [
  { name: 'tsc', parameters: ['lab=more'], works: true },
  { name: 'hpet', parameters: [], works: false },
  { name: 'acpi_pm', parameters: [], works: false },
] as const;

describe('a hypervisor with kvm_amd, emulated, and its guest', function () {
  this.timeout(600_000);
  const machines = new Map<string, LabResults>();
  let scratch: ScratchDirectory;

  before(async function () {
    requireFact(this, process.arch === 'x64', 'the laboratory runs the programs of an x86_64 system');
    requireCommand(this, 'qemu-system-x86_64', 'setpriv', 'apt-get', 'dpkg-deb');
    scratch = scratchDirectory('vca-x86-lab');
    const machine = await labOrSkip(this, () => x86Lab(scratch.path));
    const limit = pLimit(Math.min(2, availableParallelism()));
    await Promise.all(
      CLOCKSOURCES.map(({ name, parameters }) =>
        limit(async () => {
          machines.set(name, await runLabMachine(machine([`clocksource=${name}`, ...parameters])));
        }),
      ),
    );
  });
  after(() => scratch?.remove());

  function results(name: string): LabResults {
    const found = machines.get(name);
    if (!found) throw new Error(`no machine with ${name}`);
    return found;
  }

  for (const { name, works } of CLOCKSOURCES) {
    describe(`with the clocksource ${name}`, () => {
      const verdict = works ? 'proven' : 'refused';

      it(`runs on ${name}`, () => {
        const [current, available = ''] = results(name).run('clocksource').stdout.split('\n');
        expect(current).to.equal(name);
        expect(available.trim().split(' ')).to.include.members(['tsc', 'hpet', 'acpi_pm']);
        const { clocksource } = probeReport(results(name), 'probe-json');
        expect(clocksource).to.deep.include({ known: true }).and.nested.include({ 'value.current': name });
      });

      it(`has its probe agree with its guest that ptp_kvm ${works ? 'works' : 'is refused'}`, () => {
        const probe = probeReport(results(name), 'probe-json');
        expect(guestTestimony(results(name), 'l2')).to.deep.include({
          insmod: works ? 0 : EOPNOTSUPP,
          ptpClock: works ? 'KVM virtual PTP' : '',
        });
        expect(provenOffer(probe).clockPairing).to.include({ verdict });
        expect(probe.exitCode).to.equal(works ? 0 : 2);
      });

      it(`has its probe agree with its guest that kvm-clock is ${works ? '' : 'not '}stable`, () => {
        const { stableKvmclock } = provenOffer(probeReport(results(name), 'probe-json'));
        expect(guestTestimony(results(name), 'l2')).to.include({ stable: works, clocksource: 'kvm-clock' });
        expect(stableKvmclock).to.include({ verdict });
      });

      it('shows what the verdict rests on', () => {
        const { capabilities, measurements } = provenOffer(probeReport(results(name), 'probe-json'));
        // Whatever the clocksource: what KVM says that it can do proves nothing.
        expect(capabilities.clockFlags).to.have.members(['tsc-stable', 'realtime', 'host-tsc']);
        expect(capabilities.paravirtualFeatures).to.include('clocksource-stable');
        expect(capabilities.tscHz).to.be.within(1e8, 1e10);
        expect(measurements.hypercall).to.equal(works ? '0' : '-95 EOPNOTSUPP');
        expect(measurements.clockFlags).to.have.members(works ? [...capabilities.clockFlags] : []);
        expect(measurements.pvclockFlags).to.deep.equal(works ? ['tsc-stable'] : []);
        if (works) expect(measurements.bracketSeconds).to.be.within(1e-9, 0.1);
        else expect(measurements.bracketSeconds).to.equal(null);
        expect(measurements.tookSeconds).to.be.within(1e-4, 5);
      });

      it('tells people what docs/kvm-probe.md shows', () => {
        const run = results(name).run('probe');
        expect({ stderr: run.stderr, exitCode: run.exitCode }).to.deep.equal({
          stderr: '',
          exitCode: works ? 0 : 2,
        });
        const guest = guestTestimony(results(name), 'l2');
        expectShown(`x86-${name}`, shownSection(`x86-${name}`, run, guest));
      });

      it('is left without a trace: no message, no taint, no virtual machine, no process', () => {
        const before = results(name).run('traces-before').stdout;
        expect(before).to.match(/^0\n\[/);
        expect(results(name).run('traces-after').stdout).to.equal(before);
      });

      it('is audited with the same proof', () => {
        const { facts, verdicts } = hostAudit(results(name));
        const proven = provenOffer(probeReport(results(name), 'probe-json'));
        const seen = provenOffer({ exitCode: 0, ...facts });
        expect(seen.clockPairing).to.deep.equal(proven.clockPairing);
        expect(seen.stableKvmclock).to.deep.equal(proven.stableKvmclock);
        expect(seen.capabilities.paravirtualFeatures).to.deep.equal(proven.capabilities.paravirtualFeatures);
        // Where the clocksource is at fault, the others only refer to it.
        const [clocksource, kvmClock, ptpKvm] = works
          ? ['pass proper', 'pass stable', 'pass answered']
          : ['fail slow-clocksource', 'warn other-clocksource', 'warn other-clocksource'];
        expect(verdicts('host/clocksource')).to.deep.equal([clocksource]);
        expect(verdicts('host/kvm-clock')).to.deep.equal([kvmClock]);
        expect(verdicts('host/ptp-kvm')).to.deep.equal([ptpKvm]);
      });

      it('is audited as what it is: a guest whose clock nobody disciplines', () => {
        const { facts, verdicts } = hostAudit(results(name));
        expect(facts.virtualisation).to.nested.include({ known: true, 'value.hypervisor': 'qemu' });
        expect(facts.clockParameters).to.have.deep.property('value', ['tsc=reliable', `clocksource=${name}`]);
        expect(facts.kernelClock).to.deep.nested.include({ known: true, 'value.status': ['unsync'] });
        expect(facts.timeDaemons).to.have.deep.property('value', []);
        expect(verdicts('host/chrony-tracking')).to.deep.equal(['fail daemon-absent']);
      });

      it('has the clock of its network card and its hardware clock measured', () => {
        const { facts, verdicts } = hostAudit(results(name));
        const { ptpClocks, hardwareClock } = facts;
        if (!ptpClocks.known) throw new Error(ptpClocks.reason);
        expect(ptpClocks.value).to.have.length(1);
        const [clock] = ptpClocks.value;
        expect(clock).to.deep.include({ device: '/dev/ptp0', driver: 'e1000e', interfaces: ['eth0'] });
        expect(clock?.capabilities).to.include({ maxAdjustmentPpb: 599_999_999, crossTimestamping: false });
        // QEMU's card starts at the host's time and counts too slowly: it only says how the reading is made.
        expect(clock?.offset).to.include({ method: 'extended' });
        if (!hardwareClock.known || !hardwareClock.value) throw new Error('the hardware clock is not known');
        expect(hardwareClock.value).to.include({ device: '/dev/rtc0', keeps: 'utc' });
        expect(hardwareClock.value.name).to.match(/^rtc_cmos\b/);
        expect(hardwareClock.value.offsetSeconds).to.be.closeTo(-STEP, 2);
        expect(verdicts('host/hardware-clock')).to.deep.equal(['warn off']);
        expect(verdicts('host/ptp-clocks')).to.deep.equal(['pass unused']);
      });
    });
  }

  it('tells a user without rights which group to join', () => {
    const { kvm, exitCode } = probeReport(results('tsc'), 'outsider');
    expect(kvm).to.include({ known: false, cause: 'kvm-denied' });
    expect(kvm)
      .to.have.property('reason')
      .that.matches(/group kvm/);
    expect(exitCode).to.equal(3);
  });

  it('needs no more than that group for the full proof', () => {
    const own = provenOffer(probeReport(results('tsc'), 'member'));
    const root = provenOffer(probeReport(results('tsc'), 'probe-json'));
    expect([own.clockPairing, own.stableKvmclock]).to.deep.equal([root.clockPairing, root.stableKvmclock]);
  });

  it('knows nothing of what is no KVM device, or is not there', () => {
    expect(probeReport(results('tsc'), 'wrong-device')).to.deep.include({ exitCode: 3 });
    expect(probeReport(results('tsc'), 'wrong-device').kvm).to.include({ cause: 'kvm-not-kvm' });
    expect(probeReport(results('tsc'), 'no-device').kvm).to.include({ cause: 'kvm-missing' });
  });

  it('follows a change of the clocksource at run time, as a new guest does', () => {
    const { clockPairing, stableKvmclock } = provenOffer(probeReport(results('tsc'), 'changed-probe-json'));
    const guest = guestTestimony(results('tsc'), 'changed-l2');
    expect(guest).to.include({ insmod: EOPNOTSUPP, stable: false });
    expect([clockPairing.verdict, stableKvmclock?.verdict]).to.deep.equal(['refused', 'refused']);
  });
});
