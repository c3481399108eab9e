import type { Sample } from './prometheusExposition.js';
import type { MetricName } from './prometheusMetrics.js';
import type { Report } from './report.js';
import { type TimeDaemonReading, timeDaemonReadings } from './timeDaemonReadings.js';

/** The check that goes by the limits, for each daemon that measures the clock. */
const CHECKS: Readonly<Record<TimeDaemonReading['daemon'], string>> = {
  chronyd: 'host/chrony-tracking',
  'systemd-timesyncd': 'host/timesyncd',
  ntpd: 'host/ntpd',
};

/**
 * The limits that the host's clock is held to. Where nobody wants to hear of it (the check is disabled, of no
 * consequence, or its finding is waived) there is no limit, so that no alert goes by one either.
 * @param collectedAtSeconds - when the facts were collected, in seconds since 1970
 */
export function limitSamples(
  report: Report,
  collectedAtSeconds: number,
): Partial<Record<MetricName, readonly Sample[]>> {
  const severities = heldTo(report, collectedAtSeconds);
  const { thresholds } = report.policy;
  const samples = (limit: string) =>
    severities.flatMap((severity): Sample[] => {
      const value = thresholds[`${limit}${severity === 'warn' ? 'Warn' : 'Fail'}Seconds`];
      return value === undefined ? [] : [{ labels: [severity], value }];
    });
  return {
    host_offset_limit_seconds: samples('hostOffset'),
    host_error_bound_limit_seconds: samples('hostRootDistance'),
  };
}

/** What comes of a clock beyond its limits, for the daemon whose check minds it most. */
function heldTo({ host, policy }: Report, collectedAtSeconds: number): readonly ('warn' | 'fail')[] {
  if (!host) return [];
  const consequences = timeDaemonReadings(host.facts, collectedAtSeconds).flatMap(({ daemon }) => {
    const check = CHECKS[daemon];
    const counts = host.findings.some(
      (finding) => finding.check === check && finding.outcome !== 'not-applicable' && !finding.waiver,
    );
    return counts ? (policy.severities[check] ?? 'fail') : [];
  });
  if (consequences.includes('fail')) return ['warn', 'fail'];
  return consequences.includes('warn') ? ['warn'] : [];
}
