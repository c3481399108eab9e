import type { FailOn } from '../exitCode.js';
import { type OutputOptions, openOutputs } from '../outputs.js';
import type { Ending } from '../program.js';
import { expectRecent } from '../reportAge.js';
import { loadReports } from '../savedReports.js';
import { UsageError } from '../usageError.js';
import { Writing } from '../writing.js';

/** What `report` understands. */
export interface ReportCommandOptions extends OutputOptions {
  readonly from: readonly string[];
  /** What to call the host of each file, in their order. */
  readonly as?: readonly string[];
  readonly failOn?: FailOn;
  /** Seconds. */
  readonly maxAge?: number;
}

/** Writes reports that were saved as JSON in another form; ends as the worst of their audits did. */
export async function report(parsed: ReportCommandOptions): Promise<Ending> {
  const { from, as: names = [], failOn, maxAge, ...options } = parsed;
  const outputs = await openOutputs({ ...options, from, config: false });
  expectNameEach(from, names);
  const reports = await loadReports(from, failOn, names);
  if (maxAge !== undefined) expectRecent(reports, maxAge, new Date());
  const writing = new Writing(outputs, reports);
  writing.writeFiles();
  writing.writeStreams();
  writing.end();
  return { exitCode: Math.max(...reports.map(({ summary }) => summary.exitCode)), audited: false };
}

/** By its name a host is told from the others. */
function expectNameEach(paths: readonly string[], names: readonly string[]): void {
  if (names.length !== 0 && names.length !== paths.length) {
    throw new UsageError('--as names the hosts of all --from, in their order: give one for each, or none');
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new UsageError(`--as gives two hosts the name ${twice}`);
}
