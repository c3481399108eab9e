import { expect } from 'chai';
import type { HostFacts } from '../../src/facts/host.js';
import type { KvmProbe } from '../../src/facts/kvmProbe.js';
import type { Report } from '../../src/report/report.js';
import { verdicts } from '../support/runTool.js';
import type { LabResults } from './labMachine.js';

/** What of the report of `probe --format json` the laboratory looks at. */
export interface LabProbe {
  readonly exitCode: number;
  readonly kvm: HostFacts['kvm'];
  readonly clocksource: HostFacts['clocksource'];
}

/** A run of `probe --format json` in the machine; whatever it wrote besides fails the test. */
export function probeReport(results: LabResults, name: string): LabProbe {
  const run = results.run(name);
  expect(run.stderr, `standard error of ${name}`).to.equal('');
  const report: LabProbe = JSON.parse(run.stdout);
  expect(run.exitCode, `exit code of ${name}`).to.equal(report.exitCode);
  return report;
}

/** What KVM was found to offer; fails the test where it is not known. */
export function provenOffer(probe: LabProbe): KvmProbe {
  if (!probe.kvm.known) throw new Error(`the probe does not know: ${probe.kvm.reason}`);
  return probe.kvm.value;
}

/** The audit of the machine itself. */
export function hostAudit(results: LabResults): { facts: HostFacts; verdicts(check: string): string[] } {
  const run = results.run('audit');
  expect(run.stderr, 'standard error of the audit').to.equal('');
  const report: Report = JSON.parse(run.stdout);
  expect(run.exitCode, 'exit code of the audit').to.equal(report.summary.exitCode);
  const { host } = report;
  if (!host) throw new Error('the audit has no host');
  return { facts: host.facts, verdicts: (check) => verdicts(host.findings, check) };
}

/** What the guest of a machine of the laboratory found out by itself. */
export interface GuestTestimony {
  /** How insmod of ptp_kvm ended: 0, or the error number of init_module(2); null where it is built in. */
  readonly insmod: number | null;
  /** The clock_name of its first PTP clock; empty where it has none. */
  readonly ptpClock: string;
  /** Whether its kernel marked its scheduler's clock as stable, which kvm-clock's stable flag is needed for. */
  readonly stable: boolean;
  readonly clocksource: string;
}

/** What the guest wrote to its console, as the recorded run of it shows. */
export function guestTestimony(results: LabResults, name: string): GuestTestimony {
  const { stdout } = results.run(name);
  const told = (what: string) => {
    const value = new RegExp(`^L2 ${what}=(.*?)\\r?$`, 'm').exec(stdout)?.[1];
    if (value === undefined) throw new Error(`the guest did not tell ${what}:\n${stdout}`);
    return value;
  };
  return {
    insmod: told('insmod') === 'built-in' ? null : Number(told('insmod')),
    ptpClock: told('ptp'),
    stable: told('stable') === '0',
    clocksource: told('clocksource'),
  };
}
