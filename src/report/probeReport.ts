import type { Fact } from '../facts/fact.js';
import type { Clocksource } from '../facts/host.js';
import type { HardwareClock } from '../facts/kernelClock.js';
import type { KvmProbe } from '../facts/kvmProbe.js';
import type { PtpClock } from '../facts/ptpClock.js';

/** The result of `probe`: plain data that every format is made from. */
export interface ProbeReport {
  readonly schema: 'virt-clock-audit/probe';
  /** Additions raise the second number, everything else the first. */
  readonly schemaVersion: '1.0';
  readonly tool: { readonly name: 'virt-clock-audit'; readonly version: string };
  readonly run: {
    /** ISO 8601, in UTC. */
    readonly startedAt: string;
    readonly hostname: string;
    /** `uname -m` and `uname -r`. */
    readonly architecture: string;
    readonly kernelRelease: string;
  };
  readonly exitCode: number;
  readonly clocksource: Fact<Clocksource>;
  readonly kvm: Fact<KvmProbe>;
  /** null where the machine has none. */
  readonly hardwareClock: Fact<HardwareClock | null>;
  readonly ptpClocks: Fact<readonly PtpClock[]>;
}

/** 0 all proven, 1 something inconclusive, 2 something refused, 3 not tried. Clocks of the host have no say in it. */
export function probeExitCode(kvm: Fact<KvmProbe>): number {
  if (!kvm.known) return 3;
  const { stableKvmclock, clockPairing } = kvm.value;
  const verdicts = [clockPairing.verdict, ...(stableKvmclock ? [stableKvmclock.verdict] : [])];
  if (verdicts.includes('refused')) return 2;
  return verdicts.includes('inconclusive') ? 1 : 0;
}
