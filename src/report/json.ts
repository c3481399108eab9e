import type { ChangeReport } from './changeReport.js';
import type { Format } from './formats.js';
import { printableJson } from './printable.js';
import type { Report } from './report.js';

/** The form for programs: one document, with a list of reports in it where there are several hosts. */
export const json: Format = {
  render: (reports) => {
    const [only, ...others] = reports;
    if (only && others.length === 0) return renderJson(only);
    return renderJson({ schema: 'virt-clock-audit/reports', schemaVersion: '1.0', reports });
  },
};

/** The reports of several hosts, in the order in which the hosts were named. */
export interface ReportList {
  readonly schema: 'virt-clock-audit/reports';
  readonly schemaVersion: '1.0';
  readonly reports: readonly Report[];
}

/** A document as JSON, described by a file in schema/. */
export function renderJson(document: Report | ReportList | ChangeReport): string {
  return `${printableJson(JSON.stringify(document, null, 1))}\n`;
}
