import { INTERVAL, intervalSeconds, OFFSET, offsetSeconds } from './chronycUnits.js';

const SOURCE = new RegExp(
  String.raw`^([\^=#])([*+\-x~?]) *(\S+) +(\d+) +(-?\d+) +([0-7]+) +${INTERVAL} +${OFFSET}\[ *${OFFSET}\] +\+/- *${OFFSET}\s*$`,
);
const PPM = String.raw`([+-]?\d+(?:\.\d+)?)`;
const STATISTICS = new RegExp(
  String.raw`^(\S+) +(\d+) +(\d+) +${INTERVAL} +${PPM} +${PPM} +${OFFSET} +${OFFSET}\s*$`,
);

/**
 * Turns what `chronyc sources` prints for people into the lines of `chronyc -c sources`.
 * @returns null for what is no such report
 * @see `process_cmd_sources` in chrony's client.c
 */
export function sourceLines(text: string): string[] | null {
  return linesBelowRule(text, (line) => {
    const fields = SOURCE.exec(line)?.slice(1);
    if (!fields) return null;
    const [mode, state, name, stratum, poll, reach, age, ...offsets] = fields;
    const [adjusted, unit, measured, unitOfMeasured, bound, unitOfBound] = offsets;
    return [
      ...[mode, state, name, stratum, poll, reach, intervalSeconds(age)],
      ...[offsetSeconds(adjusted, unit), offsetSeconds(measured, unitOfMeasured)],
      offsetSeconds(bound, unitOfBound),
    ];
  });
}

/**
 * Turns what `chronyc sourcestats` prints for people into the lines of `chronyc -c sourcestats`.
 * @param names - what `chronyc -n sources` calls the sources. chronyc gives both reports in the order in which chronyd
 * has them, but only one of them with addresses where sos asks for the other with names
 * @returns null for what is no such report
 * @see `process_cmd_sourcestats` in chrony's client.c
 */
export function statisticsLines(text: string, names: readonly string[]): string[] | null {
  const lines = linesBelowRule(text, (line) => {
    const fields = STATISTICS.exec(line)?.slice(1);
    if (!fields) return null;
    const [name, samples, runs, span, frequency, skew, offset, unit, deviation, unitOfDeviation] = fields;
    return [
      ...[name, samples, runs, intervalSeconds(span), frequency, skew],
      ...[offsetSeconds(offset, unit), offsetSeconds(deviation, unitOfDeviation)],
    ];
  });
  if (lines?.length !== names.length) return lines;
  return lines.map((line, at) => [names[at], ...line.split(',').slice(1)].join(','));
}

/** The table's lines stand below a line of equals signs. */
function linesBelowRule(
  text: string,
  fieldsOf: (line: string) => readonly (string | undefined)[] | null,
): string[] | null {
  const lines = text.split('\n');
  const rule = lines.findIndex((line) => /^={20,}\s*$/.test(line));
  if (rule < 0) return null;
  const result: string[] = [];
  for (const line of lines.slice(rule + 1)) {
    if (line.trim() === '') continue;
    const fields = fieldsOf(line);
    if (fields === null) return null;
    result.push(fields.join(','));
  }
  return result;
}
