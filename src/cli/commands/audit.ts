import { gatherFacts } from '../gather.js';
import { judge } from '../judge.js';
import type { ReportOptions } from '../options.js';
import { sourceOptions } from '../options.js';
import { writeOutput } from '../output.js';
import type { Ending } from '../program.js';
import { UsageError } from '../usageError.js';

/** The main job: gather, judge, report. */
export async function audit(
  parsed: Record<string, unknown> & ReportOptions & { patch?: string },
): Promise<Ending> {
  const source = sourceOptions(parsed);
  if (source.host === false && source.domains === false) {
    throw new UsageError('--no-host and --no-domains leave nothing to audit');
  }
  const facts = await gatherFacts(source);
  const report = judge(facts, parsed.failOn);
  if (parsed.patch !== undefined) {
    const { writePatches } = await import('../patches.js');
    writePatches(parsed.patch, facts);
  }
  const { format, output, verbose } = parsed;
  if (format === 'json') {
    const { renderJson } = await import('../../report/json.js');
    writeOutput(renderJson(report), output);
  } else {
    const { renderText } = await import('../../report/text.js');
    const { useColour } = await import('../colour.js');
    writeOutput(renderText(report, { colour: output === undefined && useColour(), verbose }), output);
  }
  return { exitCode: report.summary.exitCode, audited: true };
}
