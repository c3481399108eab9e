import { isatty } from 'node:tty';
import { plural } from '../../report/plural.js';
import { printable } from '../../report/printable.js';
import type { Report, ReportedFinding } from '../../report/report.js';
import { loadPolicy } from '../configuration.js';
import type { PolicyOptions } from '../configurationFlags.js';
import type { FailOn } from '../exitCode.js';
import { gatherFacts } from '../gather.js';
import { judge } from '../judge.js';
import { sourceOptions } from '../options.js';
import { writeAll, writeOutput } from '../output.js';
import { planPatches, renderPatch } from '../patches.js';
import { complainOf } from '../problems.js';
import type { Ending } from '../program.js';

/** Prints the patches; ends with the exit code that the audit of the same facts has. */
export async function remediate(
  parsed: Record<string, unknown> & PolicyOptions & { output?: string; failOn: FailOn },
): Promise<Ending> {
  const policy = await loadPolicy(parsed);
  const facts = await gatherFacts(sourceOptions(parsed));
  const patches = planPatches(facts, policy).filter(({ made, refused }) => made !== null || refused !== null);
  const text = patches.map(renderPatch).join('\n');
  // A patch only applies when it is exact; what a person looks at had better be harmless.
  const shown = parsed.output === undefined && isatty(1) ? text.split('\n').map(printable).join('\n') : text;
  writeOutput(shown, parsed.output);
  complainOf(facts.problems);
  const report = judge(facts, parsed.failOn, policy);
  const open = withoutPatch(report);
  if (open.length > 0)
    writeAll(2, `virt-clock-audit: no patch for ${open.join(', ')}; explain CHECK tells the fix\n`);
  else if (patches.length === 0 && facts.problems.length === 0)
    writeAll(2, 'virt-clock-audit: nothing to mend\n');
  return { exitCode: report.summary.exitCode, audited: true };
}

/** What has to be mended by hand, and where: `host/chrony-tracking, domain/hpet (3 domains)`. */
function withoutPatch({ host, domains }: Report): string[] {
  const open = ({ outcome, fixable, waiver }: ReportedFinding) =>
    (outcome === 'warn' || outcome === 'fail') && !fixable && !waiver;
  const counts = new Map<string, number>();
  for (const { findings } of domains) {
    const checks = new Set(findings.filter(open).map(({ check }) => check));
    for (const check of checks) counts.set(check, (counts.get(check) ?? 0) + 1);
  }
  return [
    ...(host?.findings.filter(open).map(({ check }) => check) ?? []),
    ...[...counts].map(([check, count]) => `${check} (${count} ${plural(count, 'domain')})`),
  ];
}
