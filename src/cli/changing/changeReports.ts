import { accessSync, constants, existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { DefinitionChange } from '../../apply/definitionChange.js';
import type { Problem } from '../../facts/facts.js';
import type { ChangeReport } from '../../report/changeReport.js';
import { EXIT_CODES } from '../exitCode.js';
import { writeOutput } from '../output.js';
import { complain } from '../problems.js';
import { UsageError } from '../usageError.js';
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
 * Makes sure, before anything is changed, that the report can be written where it is wanted.
 * @throws UsageError
 */
export function requireWritable(output: string | undefined): void {
  if (output === undefined || output === '-') return;
  const place = existsSync(output) ? output : dirname(resolve(output));
  try {
    accessSync(place, constants.W_OK);
  } catch (error) {
    throw new UsageError(`cannot write ${output}: ${(error as Error).message}; nothing was changed`);
  }
}

/**
 * Writes the report of a change. What was done must not be lost: a report that cannot be written where it is wanted goes
 * to standard output, and what cannot be written there is told on standard error.
 * @param isShown - whether somebody has just seen the differences and the remarks
 * @throws UsageError when it cannot be written where it is wanted
 */
export async function writeChanges(
  report: ChangeReport,
  { format, output }: ChangeReportOptions,
  isShown = false,
): Promise<void> {
  const text = await render(report, format, isShown);
  try {
    writeOutput(text, output);
  } catch (error) {
    if (output === undefined || output === '-') tellInShort(report);
    else {
      complain(`${(error as Error).message}; the report goes to standard output`);
      try {
        writeOutput(text, undefined);
      } catch {
        tellInShort(report);
      }
    }
    throw error;
  }
}

function tellInShort({ domains }: ChangeReport): void {
  for (const { name, outcome, backup } of domains) {
    complain(`domain ${name}: ${outcome}${backup === null ? '' : `, backup ${backup}`}`);
  }
}

async function render(
  report: ChangeReport,
  format: ChangeReportOptions['format'],
  isShown: boolean,
): Promise<string> {
  if (format === 'json') return (await import('../../report/json.js')).renderJson(report);
  return (await import('../../report/changeText.js')).renderChanges(report, isShown);
}
