import { saveFacts } from '../../facts/store.js';
import { printableJson } from '../../report/printable.js';
import type { FailOn } from '../exitCode.js';
import { exitCodeFor } from '../exitCode.js';
import { gatherFacts } from '../gather.js';
import { sourceOptions } from '../options.js';
import { writeOutput } from '../output.js';
import type { Ending } from '../program.js';

/** Saves the facts without judging them: only what could not be read makes the exit code 3. */
export async function collect(
  parsed: Record<string, unknown> & { output?: string; failOn: FailOn },
): Promise<Ending> {
  const facts = await gatherFacts(sourceOptions(parsed));
  writeOutput(printableJson(saveFacts(facts)), parsed.output);
  const unread =
    facts.problems.length > 0 ||
    facts.domains.some(({ definitions }) => Object.values(definitions).some((text) => !text.known));
  return { exitCode: exitCodeFor(unread ? 'unknown' : 'pass', parsed.failOn), audited: true };
}
