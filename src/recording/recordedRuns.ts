import type { CommandRun } from '../commands/command.js';
import type { RecordedRecord } from './records.js';

/** More than any of the commands prints; the collector stops reading there. */
const MOST_OUTPUT_BYTES = 256 * 1024;
const ENDS: ReadonlySet<string> = new Set(['missing', 'denied', 'hung']);

/** How commands ended, by name and arguments with a blank between them; one that did not end is left out. */
export function recordedRuns(records: readonly RecordedRecord[]): Map<string, CommandRun> {
  const runs = new Map<string, CommandRun>();
  for (const [index, { kind, words, body }] of records.entries()) {
    const end = records[index + 1];
    // What a record `cut` follows is not whole.
    if (kind !== 'run' || end?.kind !== 'ran' || records[index + 2]?.kind === 'cut') continue;
    const run = ended(end.words, body, end.body);
    if (run && !runs.has(words)) runs.set(words, run);
  }
  return runs;
}

function ended(how: string, output: Buffer, said: Buffer): CommandRun | null {
  if (ENDS.has(how)) return { end: how as 'missing' | 'denied' | 'hung' };
  if (!/^\d{1,3}$/.test(how)) return null;
  if (output.length > MOST_OUTPUT_BYTES) return { end: 'flooded' };
  return {
    end: 'finished',
    exitCode: Number(how),
    output: output.toString('utf8'),
    said: said.toString('utf8').trimEnd(),
  };
}
