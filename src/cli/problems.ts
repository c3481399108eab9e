import { fstatSync } from 'node:fs';
import type { Problem } from '../facts/facts.js';
import { printable } from '../report/printable.js';
import { tell } from './descriptors.js';

/** syslog's levels, as sd-daemon(3) has them at the beginning of a line. */
const LEVELS = { error: '<3>', warning: '<4>' } as const;

/**
 * Says one line on standard error, harmless whatever it holds. The journal is told the line's level. Never throws.
 * @param level - a warning where the run goes on as if nothing had been
 */
export function complain(line: string, level: keyof typeof LEVELS = 'error'): void {
  const prefix = goesToJournal(process.env.JOURNAL_STREAM) ? LEVELS[level] : '';
  tell(`${prefix}virt-clock-audit: ${printable(line)}\n`);
}

/**
 * Whether standard error still is the journal that systemd connected it with: its children inherit the variable, too.
 * @param stream - `JOURNAL_STREAM`, the device and inode in decimal
 * @see systemd.exec(5), "Environment Variables Set or Propagated by the Service Manager"
 */
function goesToJournal(stream: string | undefined): boolean {
  if (!stream) return false;
  try {
    const { dev, ino } = fstatSync(2, { bigint: true });
    return stream === `${dev}:${ino}`;
  } catch {
    return false;
  }
}

/** Tells on standard error what could not be read, for commands whose output has no place for it. */
export function complainOf(problems: readonly Problem[]): void {
  for (const { target, line, column, reason } of problems) {
    const place = line === undefined ? '' : `:${line}:${column ?? 1}`;
    complain(`${target}${place}: ${reason}`);
  }
}
