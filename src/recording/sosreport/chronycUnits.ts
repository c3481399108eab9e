/** What chronyc writes behind an offset: see `print_nanoseconds` in chrony's client.c. */
const SECONDS_OF: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, ms: 1e-3, s: 1 };
/** What it writes behind an interval, which is one of seconds without a letter: see `print_seconds` there. */
const SECONDS_OF_LETTER: Readonly<Record<string, number>> = {
  '': 1,
  m: 60,
  h: 3600,
  d: 86_400,
  y: 31_557_600,
};

/** The form of an offset such as `-2629us`, in two groups. */
export const OFFSET = String.raw`([+-]?\d+(?:\.\d+)?)(ns|us|ms|s)`;
/** The form of an interval such as `24m`, or `-` for never, in one group. */
export const INTERVAL = String.raw`(-|\d+[mhdy]?)`;

/** An offset in seconds with as many digits as chronyc's own reports for programs have. */
export function offsetSeconds(digits = '', unit = ''): string {
  return (Number(digits) * (SECONDS_OF[unit] ?? Number.NaN)).toFixed(9);
}

/** An interval in whole seconds; `-` is the number that stands for never there. */
export function intervalSeconds(text = ''): string {
  if (text === '-') return '4294967295';
  const [, digits = '', letter = ''] = /^(\d+)([mhdy]?)$/.exec(text) ?? [];
  return String(Number(digits) * (SECONDS_OF_LETTER[letter] ?? Number.NaN));
}
