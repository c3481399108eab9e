import type { FailedRun, Format } from './formats.js';
import { exposition, type Metric, type Sample } from './prometheusExposition.js';
import { findingSamples } from './prometheusFindings.js';
import { hostSamples } from './prometheusHost.js';
import { limitSamples } from './prometheusLimits.js';
import { METRIC_PREFIX, METRICS, type MetricName } from './prometheusMetrics.js';
import type { Report } from './report.js';

type Samples = Partial<Record<MetricName, readonly Sample[]>>;

/**
 * The form for node_exporter's textfile collector. One host only: the collector's own labels say which host it is.
 * @see {@link https://github.com/prometheus/node_exporter#textfile-collector}
 */
export const prometheus: Format = {
  oneHostOnly: true,
  // node_exporter runs as another user, whoever's umask this is.
  newFileMode: 0o644,
  render: ([report]) => written(samplesOf(report)),
  renderFailure: (failed) => written(samplesOfFailure(failed)),
  renderIncomplete: ([report], { failedOutputs }) =>
    written({
      ...samplesOf(report),
      exit_code: [{ labels: [], value: 3 }],
      outputs_failed: [{ labels: [], value: failedOutputs }],
    }),
};

function samplesOf(report: Report | undefined): Samples {
  if (!report) throw new TypeError('there is no report');
  const { tool, run, host } = report;
  const collectedAtSeconds = Date.parse(run.collectedAt) / 1000;
  return {
    ...runSamples(tool.version, true, collectedAtSeconds),
    ...findingSamples(report),
    outputs_failed: [{ labels: [], value: 0 }],
    ...limitSamples(report, collectedAtSeconds),
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

function written(samples: Samples): string {
  return exposition(
    Object.entries(METRICS).map(([name, metric]): [string, Metric, readonly Sample[]] => [
      `${METRIC_PREFIX}${name}`,
      metric,
      samples[name as MetricName] ?? [],
    ]),
  );
}
