import { isatty } from 'node:tty';
import { printable } from '../report/printable.js';
import { tell } from './descriptors.js';

/** One line on a terminal that changes as work goes on, and is gone at the end. */
export interface ProgressLine {
  show(text: string): void;
  clear(): void;
}

const SILENT: ProgressLine = { show: () => undefined, clear: () => undefined };
const ERASE = '\r\x1b[K';

/** On standard error where that is a terminal; nothing is written otherwise, as for cron and pipes. */
export function progressLine(): ProgressLine {
  if (!isatty(2) || process.env.TERM === 'dumb') return SILENT;
  return {
    show: (text) => tell(ERASE + within(printable(text), process.stderr.columns || 80)),
    clear: () => tell(ERASE),
  };
}

/** What fits on one line, for a second one would not be erased. */
export function within(text: string, columns: number): string {
  const characters = Array.from(text);
  return characters.length < columns ? text : `${characters.slice(0, Math.max(0, columns - 2)).join('')}…`;
}
