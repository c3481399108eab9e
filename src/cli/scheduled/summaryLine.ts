import { plural } from '../../report/plural.js';
import { printable } from '../../report/printable.js';
import type { Report } from '../../report/report.js';
import type { Comparison } from './comparison.js';
import type { ResultEntry } from './result.js';

/** A line that is mailed has to be read: the first few say what it is about, the report has all. */
const MOST_ENTRIES = 3;
/** Of a name from elsewhere, in characters. */
const LONGEST_NAME = 60;

/** What changed, in one line with its end; empty when nothing did. */
export function summaryLine({ appeared, gone }: Comparison, reports: readonly Report[]): string {
  if (appeared.length === 0 && gone.length === 0) return '';
  const [first, ...others] = reports;
  const several = others.length > 0;
  const where = several || !first ? `${reports.length} hosts` : shown(first.run.hostname);
  const parts = [
    state(reports, appeared.length === 0),
    ...listed('new', appeared, several),
    ...listed('gone', gone, several),
  ];
  return `virt-clock-audit: ${where}: ${parts.join('; ')}\n`;
}

function state(reports: readonly Report[], isBetter: boolean): string {
  const count = (of: (report: Report) => number) => reports.reduce((sum, report) => sum + of(report), 0);
  const failures = count(({ summary }) => summary.findings.fail);
  const warnings = count(({ summary }) => summary.findings.warn);
  const unchecked = count(({ summary }) => summary.findings.unknown + summary.problems);
  const words = [
    ...(unchecked > 0 ? [`${unchecked} could not be checked`] : []),
    ...(failures > 0 ? [`${failures} ${plural(failures, 'failure')}`] : []),
    ...(warnings > 0 ? [`${warnings} ${plural(warnings, 'warning')}`] : []),
  ];
  if (words.length > 0) return words.join(', ');
  return isBetter ? 'nothing is wrong any more' : 'nothing is wrong';
}

function listed(title: string, entries: readonly ResultEntry[], several: boolean): string[] {
  if (entries.length === 0) return [];
  const rest = entries.length - MOST_ENTRIES;
  const told = entries.slice(0, MOST_ENTRIES).map((entry) => described(entry, several));
  return [`${title}: ${told.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`];
}

const WORDS = { warn: 'warning', fail: 'failure', unknown: 'could not check' } as const;

function described({ host, name, check, outcome, code }: ResultEntry, several: boolean): string {
  // A host that could not be reached is what could not be read, and the host.
  const places = new Set([...(name !== null ? [name] : []), ...(several || name === null ? [host] : [])]);
  const where = [...places].map(shown).join(' of ');
  if (check === null) return `${WORDS.unknown} ${where} (${shown(code)})`;
  return `${WORDS[outcome]} ${shown(check)} (${shown(code)}) on ${where}`;
}

function shown(text: string): string {
  const characters = [...printable(text)];
  return characters.length <= LONGEST_NAME
    ? characters.join('')
    : `${characters.slice(0, LONGEST_NAME - 1).join('')}…`;
}
