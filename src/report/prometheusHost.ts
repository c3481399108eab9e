import type { Fact } from '../facts/fact.js';
import type { HostFacts } from '../facts/host.js';
import type { Sample } from './prometheusExposition.js';
import type { MetricName } from './prometheusMetrics.js';
import { type MeasuredClock, timeDaemonReadings } from './timeDaemonReadings.js';

type Samples = Partial<Record<MetricName, readonly Sample[]>>;

/** More PTP clocks than any machine has; a saved report may name any number. */
const MOST_PTP_CLOCKS = 64;

/**
 * What the host's clock was measured to be; what is not known is left out.
 * @param collectedAtSeconds - when that was, in seconds since 1970
 */
export function hostSamples(host: HostFacts, collectedAtSeconds: number): Samples {
  const ptpClocks = (host.ptpClocks.known ? host.ptpClocks.value : []).slice(0, MOST_PTP_CLOCKS);
  return {
    ...daemonSamples(host, collectedAtSeconds),
    host_kernel_synchronised: one(host.kernelClock, ({ status }) => Number(!status.includes('unsync'))),
    host_kernel_max_error_seconds: one(host.kernelClock, ({ maxErrorSeconds }) => maxErrorSeconds),
    host_kernel_tai_offset_seconds: one(host.kernelClock, ({ taiOffsetSeconds }) => taiOffsetSeconds),
    host_clocksource_info: host.clocksource.known
      ? [{ labels: [host.clocksource.value.current], value: 1 }]
      : [],
    host_hardware_clock_offset_seconds: one(host.hardwareClock, (clock) => clock?.offsetSeconds),
    host_leap_table_expiry_timestamp_seconds: one(host.leapTable, (table) => table?.expiresAtSeconds),
    host_ptp_clock_offset_seconds: ptpClocks.flatMap(({ device, offset }) =>
      offset ? [{ labels: [device], value: offset.offsetSeconds }] : [],
    ),
    host_ptp_kvm_offered: one(host.ptpKvm, ({ offered }) => Number(offered)),
  };
}

function daemonSamples(host: HostFacts, collectedAtSeconds: number): Samples {
  const readings = timeDaemonReadings(host, collectedAtSeconds);
  const measured = (value: (clock: MeasuredClock) => number | null): Sample[] =>
    readings.flatMap(({ daemon, clock }) => {
      const it = clock && value(clock);
      return it === null ? [] : [{ labels: [daemon], value: it }];
    });
  return {
    host_synchronised: readings.map(({ daemon, synchronised }) => ({
      labels: [daemon],
      value: Number(synchronised),
    })),
    host_system_offset_seconds: measured(({ offsetSeconds }) => offsetSeconds),
    host_root_delay_seconds: measured(({ rootDelaySeconds }) => rootDelaySeconds),
    host_root_dispersion_seconds: measured(({ rootDispersionSeconds }) => rootDispersionSeconds),
    host_error_bound_seconds: measured(({ errorBoundSeconds }) => errorBoundSeconds),
    host_stratum: measured(({ stratum }) => stratum),
    host_last_measurement_timestamp_seconds: measured(({ measuredAtSeconds }) => measuredAtSeconds),
    host_sources: readings.flatMap(({ daemon, sources }) =>
      [...(sources ?? [])].map(([state, value]) => ({ labels: [daemon, state], value })),
    ),
  };
}

function one<T>(fact: Fact<T>, value: (known: T) => number | undefined): Sample[] {
  const it = fact.known ? value(fact.value) : undefined;
  return it === undefined ? [] : [{ labels: [], value: it }];
}
