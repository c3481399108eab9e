import { readFileSync } from 'node:fs';
import type { Report } from '../report/report.js';

/** Reads the reports in a file that `--format json` wrote. */
export function loadReports(path: string): readonly Report[] {
  return [JSON.parse(readFileSync(path === '-' ? 0 : path, 'utf8'))];
}
