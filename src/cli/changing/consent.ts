import { createInterface } from 'node:readline/promises';
import { isatty } from 'node:tty';
import { UsageError } from '../usageError.js';

/** How a command that writes was told that it may. */
export interface ConsentOptions {
  readonly yes: boolean;
  readonly dryRun: boolean;
}

/**
 * Makes sure, before anything is read, that there will be somebody to ask.
 * @throws UsageError when there is nobody
 */
export function requireConsent({ yes, dryRun }: ConsentOptions): void {
  if (yes || dryRun || (isatty(0) && isatty(2))) return;
  throw new UsageError(
    'changing definitions takes --yes, or a terminal to confirm on; --dry-run shows what would be done',
  );
}

/** Whether somebody is asked, and so sees what is to be done. */
export function isAsked({ yes, dryRun }: ConsentOptions): boolean {
  return !yes && !dryRun;
}

/** Asks on the terminal; anything but yes is no, and so is the end of the input. */
export async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
    const answer = await Promise.race([terminal.question(`${question} [y/N] `), closed]);
    return /^\s*y(es)?\s*$/i.test(answer);
  } finally {
    terminal.close();
  }
}
