import { printableJson } from './printable.js';
import type { Report } from './report.js';

/** The report as one JSON document, described by schema/report.schema.json. */
export function renderJson(report: Report): string {
  return `${printableJson(JSON.stringify(report, null, 1))}\n`;
}
