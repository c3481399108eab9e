import { CHECKS } from '../../checks/registry.js';
import { writeOutput } from '../output.js';
import type { Ending } from '../program.js';

/**
 * Lists the checks, one a line.
 * @throws UsageError where they cannot be printed
 */
export function listChecks(): Ending {
  const width = Math.max(...CHECKS.map(({ id }) => id.length)) + 2;
  writeOutput(CHECKS.map(({ id, title }) => `${id.padEnd(width)}${title}\n`).join(''), undefined);
  return { exitCode: 0, audited: false };
}
