import type { ReportedFinding } from '../../src/report/report.js';
import type { Answers } from './chronyAnswers.js';
import { auditJson, type ToolOptions } from './runTool.js';

/** An audit of this machine without its domains. */
export interface HostAudit {
  readonly seconds: number;
  readonly exitCode: number | null;
  /** What chronyd said, or null when it said nothing. */
  readonly answer: Answers | null;
  finding(check: string): ReportedFinding;
  /** As `outcome code`. */
  verdict(check: string): string;
}

/** Runs the built tool on this machine, with arguments of its own. */
export async function auditHost(args: readonly string[], options: ToolOptions = {}): Promise<HostAudit> {
  const { report, ...run } = await auditJson(['--no-domains', '--host', ...args], options);
  const { host } = report;
  if (!host) throw new Error('the host was not audited');
  const { chrony } = host.facts;
  const finding = (check: string): ReportedFinding => {
    const found = host.findings.find((it) => it.check === check);
    if (!found) throw new Error(`there is no finding of ${check}`);
    return found;
  };
  return {
    ...run,
    answer: chrony.known && chrony.value.daemon === 'answers' ? chrony.value : null,
    finding,
    verdict: (check) => `${finding(check).outcome} ${finding(check).code}`,
  };
}
