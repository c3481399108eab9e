import type { Metric } from './prometheusExposition.js';

/** How the names of all metrics begin. */
export const METRIC_PREFIX = 'virt_clock_audit_';

const DAEMON = 'the daemon that says so is in the label';
const single = (help: string): Metric => ({ help, labels: [] });
const labelled = (labels: readonly string[], help: string): Metric => ({ help, labels });
const byDaemon = (help: string) => labelled(['daemon'], help);

/** Every metric, by its name behind {@link METRIC_PREFIX}; what is not known is left out, and never 0. */
export const METRICS = {
  build_info: labelled(['version'], 'The version of virt-clock-audit, always 1'),
  run_success: single(
    'Whether the last run came to a report; where it is 0, nothing is exported that an earlier run found',
  ),
  last_run_timestamp_seconds: single(
    'When the facts of the last run were collected, or when it failed, in seconds since 1970',
  ),
  exit_code: single(
    'What the findings of the last run come to: 0 all pass, 1 warnings, 2 failures, 3 could not check; 3 also for a run that failed, and where another output of it could not be written',
  ),
  outputs_failed: single(
    'How many other outputs of the last run could not be written, such as its report as JSON',
  ),
  problems: single('How many things could not be read at all, such as a domain or a file'),
  domains: labelled(['state', 'owner'], 'How many domains were audited'),
  findings: labelled(['check', 'outcome'], 'How many findings came out like that, without the waived ones'),
  waived_findings: labelled(['check', 'outcome'], 'How many findings somebody accepts for the time being'),
  domain_finding: labelled(
    ['check', 'domain', 'uuid', 'outcome'],
    'A finding about a domain that needs a person (fail, unknown or warn, not waived), always 1',
  ),
  waiver_expiry_timestamp_seconds: labelled(
    ['check', 'target'],
    'When a waiver stops holding, in seconds since 1970; one without an end is left out',
  ),
  left_out_series: labelled(
    ['metric'],
    'How many series of a metric were left out because there were too many',
  ),
  host_synchronised: byDaemon(`Whether a time daemon calls itself synchronised with other clocks; ${DAEMON}`),
  host_system_offset_seconds: byDaemon(
    'How far the system clock is off, above 0 when it is ahead of true time',
  ),
  host_root_delay_seconds: byDaemon('The way to the primary clock and back'),
  host_root_dispersion_seconds: byDaemon('What has added up as errors on the way from the primary clock'),
  host_error_bound_seconds: byDaemon(
    'How far the system clock may be off at worst: |offset| + root dispersion + root delay / 2',
  ),
  host_stratum: byDaemon('How many servers away the primary clock is'),
  host_last_measurement_timestamp_seconds: byDaemon(
    'When the daemon last took a measurement of a source, in seconds since 1970',
  ),
  host_sources: labelled(['daemon', 'state'], 'How many sources the daemon has, by what it makes of them'),
  host_offset_limit_seconds: labelled(
    ['severity'],
    'The limit of the absolute offset from which on the audit warns or fails; left out where the check that goes by it is disabled, made milder or waived',
  ),
  host_error_bound_limit_seconds: labelled(
    ['severity'],
    'The limit of the error bound from which on the audit warns or fails; left out likewise',
  ),
  host_kernel_synchronised: single('Whether the kernel counts the clock as synchronised (no STA_UNSYNC)'),
  host_kernel_max_error_seconds: single(
    'The bound on the error that the kernel keeps; 16 where nobody corrects the clock',
  ),
  host_kernel_tai_offset_seconds: single('TAI - UTC as the kernel was told; 0 where nobody has told it'),
  host_clocksource_info: labelled(['clocksource'], 'The clocksource that the kernel uses, always 1'),
  host_hardware_clock_offset_seconds: single('How far the hardware clock is ahead of the system clock'),
  host_leap_table_expiry_timestamp_seconds: single(
    'From when on the table of leap seconds does not tell, in seconds since 1970',
  ),
  host_ptp_clock_offset_seconds: labelled(
    ['device'],
    'How far a PTP hardware clock is ahead of the system clock; one that keeps TAI is 37 s ahead',
  ),
  host_ptp_kvm_offered: single('Whether guests that load ptp_kvm can read the clock of this host'),
} as const satisfies Record<string, Metric>;

/** The name of a metric behind {@link METRIC_PREFIX}. */
export type MetricName = keyof typeof METRICS;
