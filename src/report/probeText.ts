import type { Fact } from '../facts/fact.js';
import type { HardwareClock } from '../facts/kernelClock.js';
import { type KvmProbe, type Proof, pairsClocks } from '../facts/kvmProbe.js';
import type { PtpClock } from '../facts/ptpClock.js';
import { printable } from './printable.js';
import type { ProbeReport } from './probeReport.js';

/** What a probe of KVM found, for people. */
export function renderProbe(report: ProbeReport): string {
  const { run, kvm, clocksource, hardwareClock, ptpClocks, exitCode } = report;
  const { hostname, architecture, kernelRelease, startedAt } = run;
  const lines = [
    `virt-clock-audit probe | ${hostname} | ${architecture}, Linux ${kernelRelease} | ${startedAt}`,
    '',
    ...(kvm.known ? proofLines(kvm.value) : [`KVM was not tried out: ${kvm.reason}`]),
    '',
    ...(kvm.known ? evidenceLines(kvm.value) : []),
    row(
      'clocksource',
      told(clocksource, ({ current, available }) => `${current}; available: ${list(available)}`),
    ),
    row('hardware clock', told(hardwareClock, hardwareClockText)),
    ...ptpLines(ptpClocks),
    '',
    `exit code ${exitCode}`,
  ];
  return `${lines.map(printable).join('\n')}\n`;
}

function proofLines(probe: KvmProbe): string[] {
  const { stableKvmclock, clockPairing } = probe;
  const byFlags = clockPairing.verdict === 'inconclusive' ? pairsClocks(probe) : null;
  return [
    ...(stableKvmclock ? [proofLine('TSC-stable kvm-clock', stableKvmclock)] : []),
    proofLine('ptp_kvm', clockPairing),
    ...(byFlags === null
      ? []
      : [
          `  KVM_GET_CLOCK ${byFlags ? "gave the host's time together with its TSC, as the call does" : "did not give the host's time together with its TSC, as the call has to"}`,
        ]),
  ];
}

function proofLine(subject: string, { verdict, because }: Proof): string {
  return `${subject}: ${verdict.toUpperCase()}: ${because}`;
}

function evidenceLines({ capabilities, measurements }: KvmProbe): string[] {
  const { apiVersion, clockFlags, paravirtualFeatures, tscHz, tscScaling, invariantTsc, hypervTime } =
    capabilities;
  const { bracketSeconds, tookSeconds, hypercall } = measurements;
  const bracket =
    bracketSeconds === null ? '' : `, within ${microseconds(bracketSeconds)} of the host's time`;
  return [
    row('KVM', `API ${apiVersion}; offers ${list(paravirtualFeatures)}`),
    ...(measurements.clockFlags
      ? [row('KVM_GET_CLOCK', `${list(measurements.clockFlags)} (this kernel has ${list(clockFlags)})`)]
      : []),
    ...(measurements.clockFlags
      ? [row('pvclock page', measurements.pvclockFlags ? list(measurements.pvclockFlags) : 'not filled in')]
      : []),
    row('clock pairing', `${hypercall}${bracket}`),
    ...(tscHz === null
      ? []
      : [
          row(
            'TSC of a guest',
            `${tscHz / 1e6} MHz, ${tscScaling ? 'can' : 'cannot'} be scaled, ${invariantTsc ? 'can' : 'cannot'} be invariant; Hyper-V time ${hypervTime ? 'offered' : 'not offered'}`,
          ),
        ]),
    row('took', `${(tookSeconds * 1e3).toFixed(1)} ms`),
  ];
}

function ptpLines(clocks: Fact<readonly PtpClock[]>): string[] {
  if (!clocks.known) return [row('PTP clocks', `not known: ${clocks.reason}`)];
  if (clocks.value.length === 0) return [row('PTP clocks', 'none')];
  return clocks.value.map(({ device, clockName, offset, offsetMissing }) =>
    row(
      device,
      `'${clockName}', ${
        offset
          ? `${besideSystemClock(offset.offsetSeconds)}, ±${microseconds(offset.errorBoundSeconds)} (${offset.method})`
          : `not measured: ${offsetMissing}`
      }`,
    ),
  );
}

function hardwareClockText(clock: HardwareClock | null): string {
  if (clock === null) return 'none';
  const { name, keeps, offsetSeconds, errorBoundSeconds } = clock;
  return `${name}, in ${keeps === 'utc' ? 'UTC' : 'local time'}, ${besideSystemClock(offsetSeconds)}, ±${microseconds(errorBoundSeconds)}`;
}

function besideSystemClock(offsetSeconds: number): string {
  const where = offsetSeconds < 0 ? 'behind' : 'ahead of';
  return `${Math.abs(offsetSeconds).toFixed(6)} s ${where} the system clock`;
}

function told<T>(fact: Fact<T>, words: (value: T) => string): string {
  return fact.known ? words(fact.value) : `not known: ${fact.reason}`;
}

function list(words: readonly string[]): string {
  return words.length === 0 ? 'none' : words.join(' ');
}

function microseconds(seconds: number): string {
  return `${(seconds * 1e6).toFixed(1)} µs`;
}

function row(name: string, value: string): string {
  return `  ${name.padEnd(16)}${value}`;
}
