/** A range of the monitoring plugins: it alerts outside, or inside where it begins with `@`. */
export interface PluginRange {
  readonly start: number;
  readonly end: number;
  readonly inside: boolean;
}

/** One figure of the performance data. */
export interface PluginFigure {
  readonly label: string;
  readonly value: number;
  readonly unit: string;
  readonly warn: PluginRange | null;
  readonly crit: PluginRange | null;
  readonly min: number | null;
  readonly max: number | null;
}

/** The line of a plugin. */
export interface PluginOutput {
  readonly state: string;
  readonly text: string;
  readonly figures: readonly PluginFigure[];
}

const NUMBER = String.raw`-?\d+(?:\.\d+)?`;
const FIGURE = new RegExp(
  `^'([^'=]+)'=(${NUMBER})(|s|us|ms|%|B|KB|MB|TB|c)(?:;([^;]*))?(?:;([^;]*))?(?:;(|${NUMBER}))?(?:;(|${NUMBER}))?$`,
);
const RANGE = new RegExp(`^(@?)(?:(~|${NUMBER}|):)?(${NUMBER}|)$`);

/**
 * Reads what a plugin writes as strictly as the guidelines have it: one line of printable ASCII, at most 80 columns for
 * people, and the performance data behind a pipe.
 * @see {@link https://www.monitoring-plugins.org/doc/guidelines.html}
 */
export function readPluginOutput(output: string): PluginOutput {
  if (!/^[ -~]+\n$/.test(output)) throw new Error(`not one line of printable ASCII: ${output}`);
  const [text = '', data, ...more] = output.trimEnd().split(' | ');
  if (more.length > 0 || text.includes('|') || data?.includes('|')) throw new Error(`two pipes: ${output}`);
  if (text.length > 80) throw new Error(`${text.length} columns: ${text}`);
  const [, state] = /^VIRT-CLOCK-AUDIT (OK|WARNING|CRITICAL|UNKNOWN) - \S/.exec(text) ?? [];
  if (state === undefined) throw new Error(`no state: ${text}`);
  return { state, text, figures: data === undefined ? [] : data.split(' ').map(readFigure) };
}

function readFigure(text: string): PluginFigure {
  const [, label, value, unit = '', warn = '', crit = '', min = '', max = ''] = FIGURE.exec(text) ?? [];
  if (label === undefined) throw new Error(`no figure: ${text}`);
  if (text.endsWith(';')) throw new Error(`semicolons at the end: ${text}`);
  const bound = (it: string) => (it === '' ? null : Number(it));
  const ranges = { warn: readRange(warn), crit: readRange(crit) };
  return { label, value: Number(value), unit, ...ranges, min: bound(min), max: bound(max) };
}

function readRange(text: string): PluginRange | null {
  if (text === '') return null;
  const [whole, at, start, end = ''] = RANGE.exec(text) ?? [];
  if (whole === undefined || (start === undefined && end === '')) throw new Error(`no range: ${text}`);
  const range = {
    start: start === '~' ? Number.NEGATIVE_INFINITY : Number(start ?? 0),
    end: end === '' ? Number.POSITIVE_INFINITY : Number(end),
    inside: at === '@',
  };
  if (range.start > range.end) throw new Error(`begins behind its end: ${text}`);
  return range;
}

/** Whether a value alerts by a range. */
export function alerts(value: number, { start, end, inside }: PluginRange): boolean {
  return inside === (value >= start && value <= end);
}
