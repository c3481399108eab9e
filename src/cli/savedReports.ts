import { isUtf8 } from 'node:buffer';
import { inputBytes } from '../domxml/inputBytes.js';
import { looksLikeRecording } from '../recording/records.js';
import type { Report } from '../report/report.js';
import { ReportUnreadable, readReports } from '../report/savedReport.js';
import { EXIT_CODES, exitCodeFor, type FailOn } from './exitCode.js';
import { inWords } from './output.js';
import { summarise } from './summary.js';
import { UsageError } from './usageError.js';

/** A thousand domains come to a tenth of it, and more than a string can hold cannot be read anyway. */
const MAX_BYTES = 256 * 1024 * 1024;

/**
 * A report has fewer than one for twenty bytes, and a thousand domains come to a hundredth of it. A file full of empty
 * lists takes many times its size in memory.
 */
const MOST_MEMBERS = 10_000_000;

/**
 * Reads the reports in files that `--format json` wrote.
 * @param paths - `-` for standard input
 * @param failOn - what the exit codes go by; by default what they went by when the reports were made
 * @param names - what to call the host of each path; as the reports do by default
 * @throws UsageError when one cannot be read or is none
 */
export async function loadReports(
  paths: readonly string[],
  failOn?: FailOn,
  names: readonly string[] = [],
): Promise<readonly Report[]> {
  if (paths.filter((path) => path === '-').length > 1) {
    throw new UsageError('standard input can be read only once');
  }
  const reports: Report[][] = [];
  for (const [index, path] of paths.entries()) {
    const name = path === '-' ? 'standard input' : path;
    try {
      const read = readReports(await readText(path)).map((report) => checked(report, failOn));
      reports.push(called(read, names[index]));
    } catch (error) {
      if (error instanceof ReportUnreadable) throw new UsageError(`${name} ${error.message}`);
      if (error instanceof UsageError) throw error;
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      if (code === 'ENOENT') throw new UsageError(`${name} does not exist`);
      throw new UsageError(`${name} cannot be read: ${inWords(error)}`);
    }
  }
  return reports.flat();
}

function called(reports: Report[], name: string | undefined): Report[] {
  if (name === undefined) return reports;
  if (reports.length !== 1) {
    throw new ReportUnreadable(`holds the reports of ${reports.length} hosts, and --as names one`);
  }
  return reports.map((report) => ({ ...report, run: { ...report.run, target: name } }));
}

/** A report whose summary says what its findings say. */
function checked(report: Report, failOn: FailOn | undefined): Report {
  const { summary } = report;
  const wanted = summarise(report, failOn ?? 'warn');
  const numbers = ({ outcome, domains, problems, findings: it, waived }: Report['summary']) =>
    JSON.stringify([
      ...[outcome, domains, problems, waived],
      ...[it.pass, it.info, it.warn, it.fail, it.unknown, it['not-applicable']],
    ]);
  if (numbers(summary) !== numbers(wanted)) {
    throw new ReportUnreadable('holds a report whose summary is not that of its findings; it was changed');
  }
  if (failOn !== undefined) return { ...report, summary: { ...summary, exitCode: wanted.exitCode } };
  if (summary.exitCode !== 0 && summary.exitCode !== EXIT_CODES[summary.outcome]) {
    throw new ReportUnreadable(
      `holds a report whose exit code is not that of its outcome, ${exitCodeFor(summary.outcome, 'warn')} or 0; it was changed`,
    );
  }
  return report;
}

async function readText(path: string): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  let members = 0;
  for await (const chunk of inputBytes(path)) {
    length += chunk.length;
    if (length > MAX_BYTES) {
      throw new ReportUnreadable(`is larger than ${MAX_BYTES / 1024 / 1024} MiB, which no report is`);
    }
    members += membersIn(chunk);
    if (members > MOST_MEMBERS) throw new ReportUnreadable('has more members than any report');
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks, length);
  if (looksLikeRecording(bytes)) throw new ReportUnreadable('is a recording; audit --from reads it');
  if (!isUtf8(bytes)) throw new ReportUnreadable('is no JSON: it is not UTF-8');
  return bytes.toString('utf8');
}

/** At least how many values JSON has: commas and opening brackets, those inside of strings among them. */
function membersIn(bytes: Buffer): number {
  let count = 0;
  for (const byte of bytes) if (byte === 0x2c || byte === 0x5b || byte === 0x7b) count++;
  return count;
}
