import type { Report, Summary } from '../report/report.js';
import { exitCodeFor, type FailOn, worstOutcome } from './exitCode.js';

/** Counts how the findings of a report came out, and what that amounts to. */
export function summarise(
  {
    host,
    domains,
    problems,
  }: Pick<Report, 'domains' | 'problems'> & { host: Pick<NonNullable<Report['host']>, 'findings'> | null },
  failOn: FailOn,
): Summary {
  const counts = { pass: 0, info: 0, warn: 0, fail: 0, unknown: 0, 'not-applicable': 0 };
  const findings = [...(host?.findings ?? []), ...domains.flatMap((domain) => domain.findings)];
  const all = findings.filter(({ waiver }) => !waiver);
  for (const { outcome } of all) counts[outcome]++;
  const unread = problems.map(() => 'unknown' as const);
  const outcome = worstOutcome([...all.map((finding) => finding.outcome), ...unread]);
  return {
    outcome,
    exitCode: exitCodeFor(outcome, failOn),
    domains: domains.length,
    problems: problems.length,
    findings: counts,
    waived: findings.length - all.length,
  };
}
