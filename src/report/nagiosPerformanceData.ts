import type { Report } from './report.js';
import { timeDaemonReadings } from './timeDaemonReadings.js';

/** One figure for graphs, with the ranges outside of which it warns or fails; empty for none. */
interface Figure {
  readonly label: string;
  readonly value: number;
  readonly unit?: 's';
  readonly warn?: string;
  readonly crit?: string;
  readonly min?: number;
  readonly max?: number;
}

/**
 * The part behind the pipe, for graphs. The host's clock is there for a single host only: NRPE passes on a kilobyte.
 * @see {@link https://www.monitoring-plugins.org/doc/guidelines.html#PERFDATA}
 */
export function performanceData(reports: readonly Report[]): string {
  const [only, ...others] = reports;
  const clock = only && others.length === 0 ? clockFigures(only) : [];
  return [...clock, ...countFigures(reports)].map(written).join(' ');
}

function clockFigures({ host, run, policy: { thresholds } }: Report): Figure[] {
  if (!host) return [];
  const readings = timeDaemonReadings(host.facts, Date.parse(run.collectedAt) / 1000);
  const reading = readings.find(({ clock }) => clock);
  if (!reading?.clock) return [];
  const { offsetSeconds, errorBoundSeconds, stratum } = reading.clock;
  const limit = (name: string, range: (limit: string) => string) => {
    const value = thresholds[name];
    return value === undefined ? '' : range(decimal(value));
  };
  const around = (it: string) => `-${it}:${it}`;
  const upTo = (it: string) => it;
  // The audit warns at the limit, and a range ends with what is still good.
  const below = (it: string) => decimal(Number(it) - 1);
  const distance = 'hostRootDistance';
  return [
    {
      ...{ label: 'offset', value: offsetSeconds, unit: 's' },
      ...{ warn: limit('hostOffsetWarnSeconds', around), crit: limit('hostOffsetFailSeconds', around) },
    },
    {
      ...{ label: 'error_bound', value: errorBoundSeconds, unit: 's', min: 0 },
      ...{ warn: limit(`${distance}WarnSeconds`, upTo), crit: limit(`${distance}FailSeconds`, upTo) },
    },
    { label: 'stratum', value: stratum, warn: limit('hostStratumWarn', below), min: 0, max: 16 },
  ];
}

function countFigures(reports: readonly Report[]): Figure[] {
  const sum = (count: (summary: Report['summary']) => number) =>
    reports.reduce((total, { summary }) => total + count(summary), 0);
  const counts: [label: string, value: number][] = [
    ...(reports.length > 1 ? [['hosts', reports.length] as [string, number]] : []),
    ['domains', sum(({ domains }) => domains)],
    ['failures', sum(({ findings }) => findings.fail)],
    ['warnings', sum(({ findings }) => findings.warn)],
    ['not_checked', sum(({ findings, problems }) => findings.unknown + problems)],
    ['waived', sum(({ waived }) => waived)],
  ];
  return counts.map(([label, value]) => ({ label, value, min: 0 }));
}

/** As `'label'=value[UOM];warn;crit;min;max`, without the semicolons at the end. */
function written({ label, value, unit, warn = '', crit = '', min, max }: Figure): string {
  const bounds = [min, max].map((bound) => (bound === undefined ? '' : decimal(bound)));
  const fields = [`${decimal(value)}${unit ?? ''}`, warn, crit, ...bounds].join(';').replace(/;+$/, '');
  return `'${label}'=${fields}`;
}

/** A number without an exponent, which the guidelines do not know, to the nanosecond. */
function decimal(value: number): string {
  const text = value.toFixed(9).replace(/\.?0+$/, '');
  return text === '-0' ? '0' : text;
}
