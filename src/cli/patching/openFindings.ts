import { plural } from '../../report/plural.js';
import { printable } from '../../report/printable.js';
import type { Report, ReportedFinding } from '../../report/report.js';
import type { WholeRunFixes } from './wholeRunFixes.js';

/**
 * What has to be mended by hand and was not told, and where: `host/chrony-tracking, domain/hpet (4 domains: a, b, c, …)`.
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
  const concerned = new Map<string, string[]>();
  for (const { name, findings } of domains) {
    const checks = new Set(findings.filter(unfixed).map(({ check }) => check));
    for (const check of checks) concerned.set(check, [...(concerned.get(check) ?? []), name]);
  }
  return [
    ...(host?.findings.filter((it) => unfixed(it) && !told.has(it.check)).map(({ check }) => check) ?? []),
    ...[...concerned].map(
      ([check, names]) => `${check} (${names.length} ${plural(names.length, 'domain')}: ${some(names)})`,
    ),
  ];
}

/** Names are chosen by tenants, and may be long. */
function some(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => printable(name.length > 60 ? `${name.slice(0, 60)}…` : name));
  return `${shown.join(', ')}${names.length > shown.length ? ', …' : ''}`;
}
