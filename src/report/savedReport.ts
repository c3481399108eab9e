import { completeHost } from '../facts/hostShape.js';
import { mismatch } from '../facts/shape.js';
import type { Report } from './report.js';
import { REPORT } from './reportShape.js';

/** Thrown for a document that holds no reports, with what is wrong about it. */
export class ReportUnreadable extends Error {
  override readonly name = 'ReportUnreadable';
}

/** No report has objects in each other that deep; printing it again would take as much of the stack. */
const MOST_LEVELS = 64;
const IDENTIFIER = /^[a-z0-9][a-z0-9/_-]*$/;

/**
 * Reads what `--format json` wrote: one report, or the list of several hosts'.
 * @throws ReportUnreadable when it is anything else, or such that a reader of the report would be misled
 */
export function readReports(text: string): readonly Report[] {
  const document = parse(text);
  if (isDeeper(document, MOST_LEVELS))
    throw new ReportUnreadable('holds no report: its objects are nested too deeply');
  if (!isObject(document)) throw new ReportUnreadable('holds no report: the document is no object');
  if (document.schema !== 'virt-clock-audit/reports') return [asReport(document, '')];
  expectMajorVersion(document);
  const { reports } = document;
  if (!Array.isArray(reports)) throw new ReportUnreadable('holds no reports: reports is no list');
  if (reports.length === 0) throw new ReportUnreadable('holds no reports: the list is empty');
  return reports.map((report: unknown, index) => asReport(report, `reports[${index}]`));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const message = text.trim() === '' ? 'it is empty' : (error as Error).message;
    throw new ReportUnreadable(`is no JSON: ${message}`);
  }
}

type Members = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value has objects in each other for more than so many levels; goes no deeper than that itself. */
function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  for (const inside of Object.values(value)) {
    if (isDeeper(inside, levels - 1)) return true;
  }
  return false;
}

function asReport(document: unknown, path: string): Report {
  if (isObject(document)) {
    refuseOtherDocuments(document);
    expectMajorVersion(document);
    const host = isObject(document.host) ? document.host.facts : null;
    if (isObject(host)) completeHost(host);
  }
  const wrong = mismatch(document, REPORT, path) ?? misleading(document as unknown as Report);
  if (wrong) throw new ReportUnreadable(`holds no report that this version can read: ${wrong}`);
  const report = document as unknown as Report;
  // All that 1.1 added is optional, so that a 1.0 is one of these too.
  return report.schemaVersion < '1.1' ? { ...report, schemaVersion: '1.1' } : report;
}

function refuseOtherDocuments({ schema, schemaVersion, toolVersion }: Members): void {
  if (schema === 'virt-clock-audit/report') return;
  if (schema === undefined && schemaVersion !== undefined && toolVersion !== undefined) {
    throw new ReportUnreadable('holds facts, and no report of them; audit --from reads facts');
  }
  if (typeof schema === 'string' && schema.startsWith('virt-clock-audit/')) {
    throw new ReportUnreadable(`holds no report, but a document of ${schema}`);
  }
}

function expectMajorVersion({ schemaVersion }: Members): void {
  if (typeof schemaVersion !== 'string' || !/^\d{1,4}\.\d{1,4}$/.test(schemaVersion)) {
    throw new ReportUnreadable('holds no report: schemaVersion is no version such as 1.1');
  }
  if (!schemaVersion.startsWith('1.')) {
    throw new ReportUnreadable(
      `was written in version ${schemaVersion} of the report's schema, and this version reads 1.x; use a newer virt-clock-audit`,
    );
  }
}

/** What its shape does not tell: whether words that readers take for granted are what they seem. */
function misleading({ run, checks, host, domains, problems }: Report): string | null {
  if (!isUtcTime(run.collectedAt)) return 'run.collectedAt is no time in UTC';
  const ids = new Set(checks.map(({ id }) => id));
  const badId = checks.find(({ id }) => !IDENTIFIER.test(id));
  if (badId) return 'the id of a check is none';
  if (ids.size < checks.length) return 'two checks have the same id';
  for (const { check, code, place } of [
    ...(host?.findings ?? []),
    ...domains.flatMap(({ findings }) => findings),
  ]) {
    if (!ids.has(check)) return 'a finding is of a check that is not among checks';
    if (!IDENTIFIER.test(code)) return `the code of a finding of ${check} is none`;
    if (place && !(isCount(place.line) && isCount(place.column))) return `a place of ${check} is none`;
  }
  const badCause = problems.find(({ cause }) => !IDENTIFIER.test(cause));
  if (badCause) return 'the cause of a problem is none';
  const badLine = problems.find(
    ({ line = 1, column = 1 }) =>
      !Number.isSafeInteger(line) || !Number.isSafeInteger(column) || line < 0 || column < 0,
  );
  return badLine ? 'the line or column of a problem is none' : null;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1;
}

function isUtcTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/.test(text) && !Number.isNaN(Date.parse(text));
}
