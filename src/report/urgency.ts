import type { Outcome } from '../checks/check.js';
import type { ReportedFinding } from './report.js';

/** What needs a person comes first. */
export const URGENCY: readonly Outcome[] = ['fail', 'unknown', 'warn', 'info', 'pass', 'not-applicable'];

/** Where a finding comes in order. What is waived needs a person as little as what is only worth knowing. */
export function urgencyOf({ outcome, waiver }: ReportedFinding): number {
  return URGENCY.indexOf(waiver ? 'info' : outcome);
}

/** Whether a finding needs a person. */
export function isUrgent({ outcome, waiver }: ReportedFinding): boolean {
  return !waiver && (outcome === 'fail' || outcome === 'unknown' || outcome === 'warn');
}

/** Findings that are told as one. */
export type Group = readonly [ReportedFinding, ...ReportedFinding[]];

/** Puts together the checks that could not be answered for one and the same reason: often that is all of a domain's. */
export function grouped(findings: readonly ReportedFinding[]): Group[] {
  const groups = new Map<string, [ReportedFinding, ...ReportedFinding[]]>();
  for (const [index, finding] of findings.entries()) {
    const { outcome, observed, definition, waiver } = finding;
    const alike = outcome === 'unknown' && !waiver;
    const key = alike ? JSON.stringify([observed, definition ?? '']) : String(index);
    const group = groups.get(key);
    if (group) group.push(finding);
    else groups.set(key, [finding]);
  }
  return [...groups.values()];
}

/** What stands for the checks of a group: the id of the first, and how many go with it. */
export function checksOf([{ check }, ...others]: Group): string {
  return others.length > 0 ? `${check} and ${others.length} more` : check;
}
