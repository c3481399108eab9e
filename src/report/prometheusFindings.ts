import type { Outcome } from '../checks/check.js';
import type { Sample } from './prometheusExposition.js';
import type { MetricName } from './prometheusMetrics.js';
import type { Report, ReportedFinding } from './report.js';

/** The most series of a metric that has one for each finding or waiver; Prometheus keeps every one that it ever saw. */
export const MOST_SERIES = 1000;

/** What needs a person, the worst first: if there is too much, the mildest is left out. */
const URGENT: readonly Outcome[] = ['fail', 'unknown', 'warn'];

/** What was found, counted; and what needs a person, each by itself. */
export function findingSamples(report: Report): Partial<Record<MetricName, readonly Sample[]>> {
  const { domains, host, summary } = report;
  const all = [...(host?.findings ?? []), ...domains.flatMap(({ findings }) => findings)];
  const urgent = distinct(domainFindings(report));
  const waivers = distinct(waiverExpiries(report));
  return {
    exit_code: [{ labels: [], value: summary.exitCode }],
    problems: [{ labels: [], value: summary.problems }],
    domains: count(domains.map(({ state, owner }) => [state ?? 'unknown', owner?.kind ?? 'unknown'])),
    findings: count(all.filter(({ waiver }) => !waiver).map(kindOf)),
    waived_findings: count(all.filter(({ waiver }) => waiver).map(kindOf)),
    domain_finding: urgent.slice(0, MOST_SERIES),
    waiver_expiry_timestamp_seconds: waivers.slice(0, MOST_SERIES),
    left_out_series: [
      { labels: ['domain_finding'], value: Math.max(0, urgent.length - MOST_SERIES) },
      { labels: ['waiver_expiry_timestamp_seconds'], value: Math.max(0, waivers.length - MOST_SERIES) },
    ],
  };
}

function kindOf({ check, outcome }: ReportedFinding): string[] {
  return [check, outcome];
}

function domainFindings({ domains }: Report): Sample[] {
  const found = domains.flatMap(({ name, uuid, findings }) =>
    findings
      .filter(({ outcome, waiver }) => !waiver && URGENT.includes(outcome))
      .map(({ check, outcome }) => ({
        outcome,
        sample: { labels: [check, name, uuid ?? '', outcome], value: 1 },
      })),
  );
  found.sort((left, right) => URGENT.indexOf(left.outcome) - URGENT.indexOf(right.outcome));
  return found.map(({ sample }) => sample);
}

/** The waivers that have an end, expired ones too; the one that ends first in front. */
function waiverExpiries({ policy }: Report): Sample[] {
  return policy.waivers
    .flatMap(({ check, target, expires }) => {
      // A waiver's last day counts in full, in UTC.
      const value = expires === null ? Number.NaN : Date.parse(`${expires}T00:00:00Z`) / 1000 + 86_400;
      return Number.isFinite(value) ? [{ labels: [check, target], value }] : [];
    })
    .sort((left, right) => left.value - right.value);
}

/** Two findings about both definitions of a domain are one series, and so are two waivers of one thing. */
function distinct(samples: readonly Sample[]): Sample[] {
  const first = new Map<string, Sample>();
  for (const sample of samples) {
    const key = JSON.stringify(sample.labels);
    if (!first.has(key)) first.set(key, sample);
  }
  return [...first.values()];
}

function count(labels: readonly (readonly string[])[]): Sample[] {
  const counts = new Map<string, number>();
  for (const it of labels) {
    const key = JSON.stringify(it);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, value]) => ({ labels: JSON.parse(key) as string[], value }));
}
