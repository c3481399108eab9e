import type { FailedRun, Format } from './formats.js';
import { exposition, type Metric, type Sample } from './prometheusExposition.js';
import { findingSamples } from './prometheusFindings.js';
import { hostSamples } from './prometheusHost.js';
import { METRIC_PREFIX, METRICS, type MetricName } from './prometheusMetrics.js';
import type { Report } from './report.js';

type Samples = Partial<Record<MetricName, readonly Sample[]>>;

/**
 * The form for node_exporter's textfile collector. One host only: the collector's own labels say which host it is.
 * @see {@link https://github.com/prometheus/node_exporter#textfile-collector}
 */
export const prometheus: Format = {
  oneHostOnly: true,
  render: ([report]) => {
    if (!report) throw new TypeError('there is no report');
    return written(samplesOf(report));
  },
  renderFailure: (failed) => written(samplesOfFailure(failed)),
};

function samplesOf(report: Report): Samples {
  const { tool, run, host, policy } = report;
  const collectedAtSeconds = Date.parse(run.collectedAt) / 1000;
  return {
    ...runSamples(tool.version, true, collectedAtSeconds),
    ...findingSamples(report),
    ...limits('host_offset_limit_seconds', policy.thresholds, 'hostOffset'),
    ...limits('host_error_bound_limit_seconds', policy.thresholds, 'hostRootDistance'),
    ...(host && hostSamples(host.facts, collectedAtSeconds)),
  };
}

/** Says nothing of the host: whatever an earlier run found may have changed since. */
function samplesOfFailure({ toolVersion, endedAtSeconds }: FailedRun): Samples {
  return { ...runSamples(toolVersion, false, endedAtSeconds), exit_code: [{ labels: [], value: 3 }] };
}

function runSamples(version: string, success: boolean, seconds: number): Samples {
  return {
    build_info: [{ labels: [version], value: 1 }],
    run_success: [{ labels: [], value: Number(success) }],
    last_run_timestamp_seconds: Number.isFinite(seconds) ? [{ labels: [], value: seconds }] : [],
  };
}

function limits(name: MetricName, thresholds: Readonly<Record<string, number>>, limit: string): Samples {
  const samples = (['warn', 'fail'] as const).flatMap((severity): Sample[] => {
    const value = thresholds[`${limit}${severity === 'warn' ? 'Warn' : 'Fail'}Seconds`];
    return value === undefined ? [] : [{ labels: [severity], value }];
  });
  return { [name]: samples };
}

function written(samples: Samples): string {
  return exposition(
    Object.entries(METRICS).map(([name, metric]): [string, Metric, readonly Sample[]] => [
      `${METRIC_PREFIX}${name}`,
      metric,
      samples[name as MetricName] ?? [],
    ]),
  );
}
