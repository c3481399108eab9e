import type { Collected, CollectedEntry } from './collected.js';

/** These print a few lines. */
const SHORT = /^(?:date|date_--utc|hostname|timedatectl|uname_-a)$/;
const LONGEST_SHORT_BYTES = 64 * 1024;

/** The output of a command, in whichever plugin's directory it lies: they changed from version to version. */
export function outputOf(report: Collected, name: string): string | null {
  const { entry } = collectedOutput(report, name) ?? {};
  if (entry?.kind !== 'file' || (SHORT.test(name) && entry.bytes.length > LONGEST_SHORT_BYTES)) return null;
  return entry.bytes.toString('utf8');
}

/** When sos wrote the output of a command, in seconds since 1970; null where there is none. */
export function writtenAtSeconds(report: Collected, name: string): number | null {
  return collectedOutput(report, name)?.modifiedSeconds ?? null;
}

function collectedOutput(report: Collected, name: string): CollectedEntry | null {
  for (const [path, collected] of report) {
    if (path.startsWith('sos_commands/') && path.split('/')[2] === name) return collected;
  }
  return null;
}
