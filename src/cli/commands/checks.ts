import { CHECKS } from '../../checks/registry.js';
import { writeAll } from '../output.js';
import type { Ending } from '../program.js';

/** Lists the checks, one a line. */
export function listChecks(): Ending {
  const width = Math.max(...CHECKS.map(({ id }) => id.length)) + 2;
  writeAll(1, CHECKS.map(({ id, title }) => `${id.padEnd(width)}${title}\n`).join(''));
  return { exitCode: 0, audited: false };
}
