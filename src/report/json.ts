import type { ChangeReport } from './changeReport.js';
import { printableJson } from './printable.js';
import type { Report } from './report.js';

/** A report as one JSON document, described by schema/report.schema.json or schema/changes.schema.json. */
export function renderJson(report: Report | ChangeReport): string {
  return `${printableJson(JSON.stringify(report, null, 1))}\n`;
}
