import { hostname } from 'node:os';
import type { DefinitionChange } from '../../apply/definitionChange.js';
import type { Problem } from '../../facts/facts.js';
import type { ChangeReport } from '../../report/changeReport.js';
import { EXIT_CODES } from '../exitCode.js';
import { writeOutput } from '../output.js';
import { toolVersion } from '../version.js';

/** How the report of a change is written. */
export interface ChangeReportOptions {
  readonly format: 'text' | 'json';
  readonly output?: string;
}

/** Puts together what a command that writes has to report. */
export function changeReport(
  command: ChangeReport['command'],
  run: Omit<ChangeReport['run'], 'hostname'>,
  domains: readonly DefinitionChange[],
  problems: readonly Problem[],
): ChangeReport {
  return {
    schema: 'virt-clock-audit/changes',
    schemaVersion: '1.0',
    tool: { name: 'virt-clock-audit', version: toolVersion() },
    command,
    run: { ...run, hostname: hostname() },
    changed: domains.some(({ changed }) => changed),
    exitCode: exitCodeOf(domains, problems),
    domains,
    problems,
  };
}

/** 0 all is as it should be, 2 something was refused, 3 something failed or was not tried. */
function exitCodeOf(domains: readonly DefinitionChange[], problems: readonly Problem[]): number {
  const outcomes = new Set(domains.map(({ outcome }) => outcome));
  if (problems.length > 0 || outcomes.has('failed') || outcomes.has('not-tried')) return EXIT_CODES.unknown;
  return outcomes.has('refused') ? EXIT_CODES.fail : EXIT_CODES.pass;
}

/**
 * Writes the report of a change. What was done must not be lost: a report that cannot be written where it is wanted goes
 * to standard output.
 * @throws UsageError when it cannot be written where it is wanted
 */
export async function writeChanges(
  report: ChangeReport,
  { format, output }: ChangeReportOptions,
): Promise<void> {
  const text = await render(report, format);
  try {
    writeOutput(text, output);
  } catch (error) {
    if (output !== undefined) writeOutput(text, undefined);
    throw error;
  }
}

async function render(report: ChangeReport, format: ChangeReportOptions['format']): Promise<string> {
  if (format === 'json') return (await import('../../report/json.js')).renderJson(report);
  return (await import('../../report/changeText.js')).renderChanges(report);
}
