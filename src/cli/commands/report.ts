import type { FailOn } from '../exitCode.js';
import { type OutputOptions, openOutputs } from '../outputs.js';
import type { Ending } from '../program.js';
import { expectRecent } from '../reportAge.js';
import { loadReports } from '../savedReports.js';

/** What `report` understands. */
export interface ReportCommandOptions extends OutputOptions {
  readonly from: readonly string[];
  readonly failOn?: FailOn;
  /** Seconds. */
  readonly maxAge?: number;
}

/** Writes reports that were saved as JSON in another form; ends as the worst of their audits did. */
export async function report({ from, failOn, maxAge, ...options }: ReportCommandOptions): Promise<Ending> {
  const outputs = await openOutputs(options);
  const reports = loadReports(from, failOn);
  if (maxAge !== undefined) expectRecent(reports, maxAge, new Date());
  outputs.write(reports);
  return { exitCode: Math.max(...reports.map(({ summary }) => summary.exitCode)), audited: false };
}
