import type { Problem } from '../facts/facts.js';
import { printable } from '../report/printable.js';
import { writeAll } from './output.js';

/** Says one line on standard error, harmless whatever it holds. */
export function complain(line: string): void {
  writeAll(2, `virt-clock-audit: ${printable(line)}\n`);
}

/** Tells on standard error what could not be read, for commands whose output has no place for it. */
export function complainOf(problems: readonly Problem[]): void {
  for (const { target, line, column, reason } of problems) {
    const place = line === undefined ? '' : `:${line}:${column ?? 1}`;
    complain(`${target}${place}: ${reason}`);
  }
}
