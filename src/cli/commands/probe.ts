import { hostname, machine, release } from 'node:os';
import { readClocksource } from '../../host/clocksource.js';
import { readHardwareClock } from '../../host/hardwareClock.js';
import { timeDaemonProcesses } from '../../host/timeDaemons.js';
import { probeKvm } from '../../ptp/kvmProbe.js';
import { readPtpClocks } from '../../ptp/ptpClocks.js';
import { printableJson } from '../../report/printable.js';
import { type ProbeReport, probeExitCode } from '../../report/probeReport.js';
import { renderProbe } from '../../report/probeText.js';
import { writeOutput } from '../output.js';
import type { Ending } from '../program.js';
import { toolVersion } from '../version.js';

/** The options of `probe`. */
export interface ProbeCommandOptions {
  readonly kvm: string;
  /** Seconds. */
  readonly timeout: number;
  readonly format: 'text' | 'json';
  readonly output?: string;
}

/**
 * Tries out what this host's KVM offers to guests, and measures the host's other clocks.
 * @throws UsageError when the output cannot be written
 */
export async function probe({ kvm, timeout, format, output }: ProbeCommandOptions): Promise<Ending> {
  const root = '/';
  const startedAt = new Date().toISOString();
  const architecture = machine();
  const [fact, hardwareClock] = await Promise.all([
    probeKvm({ root, architecture, kvm, deadlineSeconds: timeout }),
    readHardwareClock(root, { edge: true }),
  ]);
  const report: ProbeReport = {
    schema: 'virt-clock-audit/probe',
    schemaVersion: '1.0',
    tool: { name: 'virt-clock-audit', version: toolVersion() },
    run: { startedAt, hostname: hostname(), architecture, kernelRelease: release() },
    exitCode: probeExitCode(fact),
    clocksource: readClocksource(root),
    kvm: fact,
    hardwareClock,
    ptpClocks: readPtpClocks(root, timeDaemonProcesses(root)),
  };
  const text =
    format === 'json' ? printableJson(`${JSON.stringify(report, null, 2)}\n`) : renderProbe(report);
  writeOutput(text, output);
  return { exitCode: report.exitCode, audited: false };
}
