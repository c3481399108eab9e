import { expect } from 'chai';
import { known, leftOut, unknown } from '../../src/facts/fact.js';
import { type ProbeReport, probeExitCode } from '../../src/report/probeReport.js';
import { renderProbe } from '../../src/report/probeText.js';
import { INCONCLUSIVE, kvmProbe, REFUSED } from '../support/kvmProbes.js';

const REPORT: ProbeReport = {
  schema: 'virt-clock-audit/probe',
  schemaVersion: '1.0',
  tool: { name: 'virt-clock-audit', version: '0.1.0' },
  run: {
    startedAt: '2026-01-02T03:04:05.678Z',
    hostname: 'compute7',
    architecture: 'x86_64',
    kernelRelease: '6.12.0',
  },
  exitCode: 0,
  clocksource: known({ current: 'tsc', available: ['tsc', 'hpet'] }, '/sys'),
  kvm: known(kvmProbe(), '/dev/kvm'),
  hardwareClock: known(
    {
      device: '/dev/rtc0',
      name: 'rtc_cmos',
      offsetSeconds: -0.25,
      errorBoundSeconds: 0.002,
      keeps: 'utc',
      keepsDecidedBy: '/etc/adjtime',
    },
    '/sys/class/rtc/rtc0',
  ),
  ptpClocks: known(
    [
      {
        device: '/dev/ptp0',
        clockName: 'ice\u202e-ptp',
        driver: 'ice',
        interfaces: ['eth0'],
        capabilities: null,
        offset: { offsetSeconds: 37.000_001, errorBoundSeconds: 0.000_000_5, method: 'extended' },
        offsetMissing: null,
        users: null,
      },
    ],
    '/sys/class/ptp',
  ),
};

describe('a probe in words', () => {
  it('shows the proofs first, then what they rest on', () => {
    expect(renderProbe(REPORT)).to.equal(`\
virt-clock-audit probe | compute7 | x86_64, Linux 6.12.0 | 2026-01-02T03:04:05.678Z

TSC-stable kvm-clock: PROVEN: it was seen
ptp_kvm: PROVEN: it was seen

  KVM             API 12; offers clocksource clocksource2 clocksource-stable
  KVM_GET_CLOCK   tsc-stable realtime host-tsc (this kernel has tsc-stable realtime host-tsc)
  pvclock page    tsc-stable
  clock pairing   0, within 20.0 µs of the host's time
  TSC of a guest  2600 MHz, cannot be scaled, can be invariant; Hyper-V time offered
  took            4.0 ms
  clocksource     tsc; available: tsc hpet
  hardware clock  rtc_cmos, in UTC, 0.250000 s behind the system clock, ±2000.0 µs
  /dev/ptp0       'ice\\u{202e}-ptp', 37.000001 s ahead of the system clock, ±0.5 µs (extended)

exit code 0
`);
  });

  it('tells by what KVM_GET_CLOCK stands in for a call that was not executed', () => {
    const text = (clockFlags: readonly string[]) =>
      renderProbe({
        ...REPORT,
        kvm: known(kvmProbe({ clockPairing: INCONCLUSIVE, clockFlags }), '/dev/kvm'),
      });
    const all = text(['tsc-stable', 'realtime', 'host-tsc']);
    expect(all).to.contain('ptp_kvm: INCONCLUSIVE: it was not executed\n  KVM_GET_CLOCK gave the host');
    expect(text([])).to.contain('KVM_GET_CLOCK did not give');
  });

  it('has no kvm-clock on ARM', () => {
    const text = renderProbe({
      ...REPORT,
      kvm: known(kvmProbe({ stableKvmclock: null, clockFlags: null, offered: [] }), '/dev/kvm'),
    });
    expect(text).to.not.match(/kvm-clock|KVM_GET_CLOCK|pvclock/);
  });

  it('tells what is not known, and why', () => {
    const reason = '/dev/kvm may not be opened (EACCES): join the group kvm, or run as root';
    const text = renderProbe({
      ...REPORT,
      kvm: unknown('/dev/kvm', 'kvm-denied', reason),
      hardwareClock: known(null, '/sys/class/rtc'),
      ptpClocks: unknown('/sys/class/ptp', 'ptp-clocks-unreadable', 'no /sys'),
    });
    expect(text).to.contain(`\nKVM was not tried out: ${reason}\n`);
    expect(text).to.contain('hardware clock  none').and.to.contain('PTP clocks      not known: no /sys');
  });
});

describe('the exit code of a probe', () => {
  const code = (members: Parameters<typeof kvmProbe>[0]) =>
    probeExitCode(known(kvmProbe(members), '/dev/kvm'));

  it('is that of the worst verdict', () => {
    expect(code({})).to.equal(0);
    expect(code({ stableKvmclock: null })).to.equal(0);
    expect(code({ clockPairing: INCONCLUSIVE })).to.equal(1);
    expect(code({ stableKvmclock: INCONCLUSIVE })).to.equal(1);
    expect(code({ stableKvmclock: REFUSED, clockPairing: INCONCLUSIVE })).to.equal(2);
    expect(code({ clockPairing: REFUSED })).to.equal(2);
  });

  it('is 3 when KVM was not tried out, whyever', () => {
    expect(probeExitCode(unknown('/dev/kvm', 'kvm-missing', 'no'))).to.equal(3);
    expect(probeExitCode(leftOut('/dev/kvm', 'no'))).to.equal(3);
  });
});
