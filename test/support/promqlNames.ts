const KEYWORDS = new Set('by on ignoring group_left group_right or and unless without bool'.split(' '));
const FUNCTIONS = new Set(
  'abs count label_values max max_over_time min sort sort_desc sum time topk vector'.split(' '),
);

/**
 * The names of metrics in a PromQL expression, told from labels, keywords and the functions that are known here.
 * @see {@link https://prometheus.io/docs/prometheus/latest/querying/basics/}
 */
export function metricsIn(expression: string): string[] {
  const bare = expression
    .replace(/"(?:[^"\\]|\\.)*"/g, '')
    .replace(/\{[^}]*\}/g, '')
    .replace(/\[\w+\]/g, '')
    .replace(/\boffset\s+\w+/g, '')
    .replace(/\b(by|on|ignoring|without|group_left|group_right)\s*\([^)]*\)/g, '');
  const names = [...bare.matchAll(/[a-zA-Z_:][\w:]*/g)].map(([name]) => name);
  return [...new Set(names)].filter((name) => !KEYWORDS.has(name) && !FUNCTIONS.has(name));
}
