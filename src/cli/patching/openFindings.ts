import { plural } from '../../report/plural.js';
import type { Report, ReportedFinding } from '../../report/report.js';
import type { WholeRunFixes } from './wholeRunFixes.js';

/**
 * What has to be mended by hand and was not told, and where: `host/chrony-tracking, domain/hpet (3 domains)`.
 * @param only - the ids of the checks to look at; null for all
 * @param fixes - what was told
 */
export function openFindings(
  { host, domains }: Report,
  only: ReadonlySet<string> | null,
  { hostFixes }: Pick<WholeRunFixes, 'hostFixes'>,
): string[] {
  const told = new Set(hostFixes.map(({ check }) => check));
  const unfixed = ({ check, outcome, fixable, waiver }: ReportedFinding) =>
    (outcome === 'warn' || outcome === 'fail') && !fixable && !waiver && (only?.has(check) ?? true);
  const counts = new Map<string, number>();
  for (const { findings } of domains) {
    const checks = new Set(findings.filter(unfixed).map(({ check }) => check));
    for (const check of checks) counts.set(check, (counts.get(check) ?? 0) + 1);
  }
  return [
    ...(host?.findings.filter((it) => unfixed(it) && !told.has(it.check)).map(({ check }) => check) ?? []),
    ...[...counts].map(([check, count]) => `${check} (${count} ${plural(count, 'domain')})`),
  ];
}
