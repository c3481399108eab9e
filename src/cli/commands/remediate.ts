import { isatty } from 'node:tty';
import { printable } from '../../report/printable.js';
import { loadPolicy } from '../configuration.js';
import type { PolicyOptions } from '../configurationFlags.js';
import type { FailOn } from '../exitCode.js';
import { gatherFacts } from '../gather.js';
import { judge } from '../judge.js';
import { sourceOptions } from '../options.js';
import { writeAll, writeOutput } from '../output.js';
import { planPatches, renderPatch } from '../patches.js';
import type { Ending } from '../program.js';

/** Prints the patches; ends with the exit code that the audit of the same facts has. */
export async function remediate(
  parsed: Record<string, unknown> & PolicyOptions & { output?: string; failOn: FailOn },
): Promise<Ending> {
  const policy = await loadPolicy(parsed);
  const facts = await gatherFacts(sourceOptions(parsed));
  const patches = planPatches(facts, policy).filter(({ diff, refused }) => diff !== null || refused !== null);
  const text = patches.map(renderPatch).join('\n');
  // A patch only applies when it is exact; what a person looks at had better be harmless.
  const shown = parsed.output === undefined && isatty(1) ? text.split('\n').map(printable).join('\n') : text;
  writeOutput(shown, parsed.output);
  for (const { target, line, column, reason } of facts.problems) {
    const place = line === undefined ? '' : `:${line}:${column ?? 1}`;
    writeAll(2, `virt-clock-audit: ${printable(target)}${place}: ${printable(reason)}\n`);
  }
  if (patches.length === 0) writeAll(2, 'virt-clock-audit: nothing to mend\n');
  return { exitCode: judge(facts, parsed.failOn, policy).summary.exitCode, audited: true };
}
