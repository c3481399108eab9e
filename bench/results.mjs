/** From times to the table. */
import { availableParallelism } from 'node:os';

/**
 * @param programs what was timed
 * @param {Map<string, number[]>} times milliseconds by letter and round
 * @param {string} base the letter that the others are compared with, round by round
 */
export function summarise(programs, times, base) {
  return programs.map(({ letter, label }) => ({
    letter,
    label,
    milliseconds: spread(times.get(letter)),
    ratio: spread(times.get(letter).map((time, round) => time / times.get(base)[round])),
  }));
}

/**
 * @param rows what `summarise` made
 * @param {{versions: string, definitions: string[], rounds: number, base: string}} circumstances
 */
export function markdown(rows, { versions, definitions, rounds, base }) {
  const sizes = spread(definitions.map((definition) => Buffer.byteLength(definition) / 1000));
  const lines = [
    `${versions}, ${availableParallelism()} CPUs; ${definitions.length} domains of ` +
      `${sizes.least.toFixed(1)} to ${sizes.most.toFixed(1)} kB; ${rounds} rounds.`,
    '',
    `| | | median ms | min–max ms | ratio to (${base}) | min–max |`,
    '|---|---|---:|---:|---:|---:|',
    ...rows.map(({ letter, label, milliseconds, ratio }) =>
      [
        `| ${letter} | ${label}`,
        milliseconds.median.toFixed(0),
        `${milliseconds.least.toFixed(0)}–${milliseconds.most.toFixed(0)}`,
        ratio.median.toFixed(2),
        `${ratio.least.toFixed(2)}–${ratio.most.toFixed(2)} |`,
      ].join(' | '),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

const STAGES = [
  ['fetch', 'fetch its definition from libvirt, four at a time'],
  ['read', 'read it strictly and work out the effective clock'],
  ['judge', 'put every check of the catalogue to it'],
];

/**
 * @param {{fetch: number[], read: number[], judge: number[], checks: number}} stages microseconds a domain, by
 *   round
 */
export function stagesMarkdown(stages) {
  const lines = [
    `One domain, stage by stage, in one process (${stages.checks} checks of a domain):`,
    '',
    '| stage | median µs | ratio to fetching | min–max |',
    '|---|---:|---:|---:|',
    ...STAGES.map(([name, label]) => {
      const ratio = spread(stages[name].map((time, round) => time / stages.fetch[round]));
      return [
        `| ${label}`,
        spread(stages[name]).median.toFixed(0),
        ratio.median.toFixed(2),
        `${ratio.least.toFixed(2)}–${ratio.most.toFixed(2)} |`,
      ].join(' | ');
    }),
  ];
  return `${lines.join('\n')}\n`;
}

function spread(values) {
  const ordered = [...values].sort((one, other) => one - other);
  const middle = ordered.length / 2;
  return {
    median: (ordered[Math.floor(middle)] + ordered[Math.ceil(middle) - 1]) / 2,
    least: ordered[0],
    most: ordered[ordered.length - 1],
  };
}
