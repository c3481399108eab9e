import type { Collected, CollectedEntry } from './collected.js';

/** The output of a command, in whichever plugin's directory it lies: they changed from version to version. */
export function outputOf(report: Collected, name: string): string | null {
  const { entry } = collectedOutput(report, name) ?? {};
  return entry?.kind === 'file' ? entry.bytes.toString('utf8') : null;
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
