import { printable } from './printable.js';

/** A metric: what it says, and which labels tell its series apart. All are gauges. */
export interface Metric {
  /** One sentence without a full stop, and without a backslash or line feed, which would have to be escaped. */
  readonly help: string;
  readonly labels: readonly string[];
}

/** The value of one series, with the values of its labels in the order in which its metric names them. */
export interface Sample {
  readonly labels: readonly string[];
  readonly value: number;
}

/** The longest value of a label, in UTF-16 units; libvirt sets no limit to a domain's name. */
export const LONGEST_LABEL = 200;

/**
 * Writes metrics in Prometheus' text format 0.0.4, without timestamps, as node_exporter's textfile collector wants it.
 * A series that comes twice is written once, a metric without samples not at all.
 * @see {@link https://prometheus.io/docs/instrumenting/exposition_formats/}
 */
export function exposition(families: Iterable<readonly [name: string, Metric, readonly Sample[]]>): string {
  const lines: string[] = [];
  for (const [name, metric, samples] of families) {
    const series = new Map(samples.map((sample) => [labelSet(metric, sample), sample.value]));
    if (series.size === 0) continue;
    lines.push(`# HELP ${name} ${metric.help}`, `# TYPE ${name} gauge`);
    for (const [labels, value] of series) lines.push(`${name}${labels} ${value}`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

function labelSet({ labels }: Metric, sample: Sample): string {
  if (labels.length === 0) return '';
  return `{${labels.map((label, index) => `${label}="${labelValue(sample.labels[index] ?? '')}"`).join(',')}}`;
}

/**
 * Makes a text from elsewhere the value of a label, escaped as the format has it. Line feeds survive; what else steers
 * a terminal or hides text is made visible, since the format has no escape for it; what is too long is cut.
 */
export function labelValue(text: string): string {
  // A cut may halve a character of two units, which printable then shows as what it is.
  const whole = text.length > LONGEST_LABEL ? `${text.slice(0, LONGEST_LABEL - 1)}…` : text;
  return whole
    .split('\n')
    .map((line) => printable(line).replace(/[\\"]/g, '\\$&'))
    .join('\\n');
}
