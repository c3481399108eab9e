import type { Facts } from '../../facts/facts.js';
import type { Policy } from '../../policy/policy.js';
import type { Report } from '../../report/report.js';
import type { PolicyOptions } from '../configuration/configurationFlags.js';
import { loadPolicy } from '../configuration/loadConfiguration.js';
import { gatherFacts } from '../gather.js';
import { judge } from '../judge.js';
import type { ReportOptions } from '../options.js';
import { sourceOptions } from '../options.js';
import { writeOutput } from '../output.js';
import type { Ending } from '../program.js';

/** The main job: gather, judge, report. */
export async function audit(
  parsed: Record<string, unknown> & ReportOptions & PolicyOptions & { patch?: string },
): Promise<Ending> {
  // Loading modules takes the thread pool, which calls to a stopped daemon may fill for good: load them first.
  const render = await loadRenderer(parsed);
  const patches = parsed.patch === undefined ? null : await openPatches(parsed.patch);
  const policy = await loadPolicy(parsed);
  const facts = await gatherFacts(sourceOptions(parsed));
  patches?.check(facts);
  const report = judge(facts, parsed.failOn, policy);
  writeOutput(render(report), parsed.output);
  await patches?.write(facts, policy);
  return { exitCode: report.summary.exitCode, audited: true };
}

/** `--patch`: makes the directory before anything is looked at, and loads what writes into it. */
async function openPatches(path: string): Promise<{
  check: (facts: Facts) => void;
  write: (facts: Facts, policy: Policy) => Promise<void>;
}> {
  const [{ PatchDirectory }, { writeDiffs }] = await Promise.all([
    import('../patching/patchDirectory.js'),
    import('../patching/writtenDiffs.js'),
  ]);
  const directory = PatchDirectory.open(path, false, '--patch');
  return {
    check: (facts) => directory.expectSameDomains(facts),
    write: (facts, policy) => writeDiffs(directory, facts, policy),
  };
}

async function loadRenderer({ format, output, verbose }: ReportOptions): Promise<(report: Report) => string> {
  if (format === 'json') return (await import('../../report/json.js')).renderJson;
  const { renderText } = await import('../../report/text.js');
  const { useColour } = await import('../colour.js');
  return (report) => renderText(report, { colour: output === undefined && useColour(), verbose });
}
