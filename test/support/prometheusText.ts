/** One series of a text in Prometheus' exposition format. */
export interface ExposedSeries {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const SERIES = /^([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*",?)+)\})? (\S+)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/gy;

/**
 * Reads the text format as strictly as its description has it, with one HELP and one TYPE in front of each metric, its
 * series together, no series twice and no timestamps, as the textfile collector demands.
 * @see {@link https://prometheus.io/docs/instrumenting/exposition_formats/}
 */
export function readExposition(text: string): ExposedSeries[] {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const series: ExposedSeries[] = [];
  const seen = new Set<string>();
  const metrics = new Set<string>();
  let metric = '';
  let typed = false;
  for (const line of text.slice(0, -1).split('\n')) {
    const [, help] = /^# HELP ([a-z_]+) [^\\]+$/.exec(line) ?? [];
    const [, type] = /^# TYPE ([a-z_]+) gauge$/.exec(line) ?? [];
    if (help !== undefined) {
      if (metrics.has(help)) throw new Error(`the metric ${help} comes twice`);
      metrics.add(help);
      metric = help;
      typed = false;
    } else if (type !== undefined) {
      if (type !== metric || typed) throw new Error(`out of place: ${line}`);
      typed = true;
    } else {
      const found = readSeries(line);
      if (found.name !== metric || !typed) throw new Error(`not below its HELP and TYPE: ${line}`);
      const key = JSON.stringify([found.name, Object.entries(found.labels).sort()]);
      if (seen.has(key)) throw new Error(`the series comes twice: ${line}`);
      seen.add(key);
      series.push(found);
    }
  }
  return series;
}

function readSeries(line: string): ExposedSeries {
  const [, name, labels = '', number = ''] = SERIES.exec(line) ?? [];
  if (name === undefined) throw new Error(`no series: ${line}`);
  const value = Number(number);
  if (!Number.isFinite(value)) throw new Error(`no number: ${line}`);
  const pairs = [...labels.matchAll(LABEL)].map(
    ([, label = '', escaped = '']) =>
      [label, escaped.replace(/\\(.)/g, (_, it) => (it === 'n' ? '\n' : it))] as const,
  );
  if (new Set(pairs.map(([label]) => label)).size !== pairs.length) throw new Error(`a label twice: ${line}`);
  return { name, labels: Object.fromEntries(pairs), value };
}

/** The value of the one series of a metric with these labels, or undefined. */
export function singleValue(
  series: readonly ExposedSeries[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const found = series.filter(
    (it) => it.name === name && Object.entries(labels).every(([label, value]) => it.labels[label] === value),
  );
  if (found.length > 1) throw new Error(`${found.length} series of ${name} fit`);
  return found[0]?.value;
}
