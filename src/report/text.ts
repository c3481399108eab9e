import type { Outcome } from '../checks/check.js';
import type { Format } from './formats.js';
import { plural } from './plural.js';
import { printable } from './printable.js';
import type { DomainReport, Report, ReportedFinding, ReportedPolicy } from './report.js';
import { hostTitle, ownerOf } from './subjects.js';
import { checksOf, type Group, grouped, isUrgent, URGENCY, urgencyOf } from './urgency.js';
import { waivedBy, waiverLines } from './waivers.js';

/** How the text report looks. */
export interface TextOptions {
  readonly colour: boolean;
  /** Shows what passed and what does not apply, too. */
  readonly verbose: boolean;
}

const WORDS: Readonly<Record<Outcome, string>> = {
  fail: 'FAIL',
  unknown: 'UNKNOWN',
  warn: 'WARN',
  info: 'info',
  pass: 'pass',
  'not-applicable': 'n/a',
};
const COLOURS: Readonly<Record<Outcome, string>> = {
  fail: '31;1',
  unknown: '35;1',
  warn: '33;1',
  info: '36',
  pass: '32',
  'not-applicable': '2',
};
const WORD_WIDTH = 9;

/** The form for people; several hosts one below the other. */
export const text: Format = {
  render: (reports, options) => reports.map((report) => renderText(report, options)).join('\n'),
};

/** The report for people: what needs action first, what passed folded away. */
export function renderText(report: Report, options: TextOptions): string {
  const paint = (outcome: Outcome, text: string) =>
    options.colour ? `\u001b[${COLOURS[outcome]}m${text}\u001b[0m` : text;
  const lines = [heading(report), ...policyLine(report.policy), ''];
  for (const problem of report.problems) {
    const place = problem.line === undefined ? '' : `:${problem.line}:${problem.column ?? 1}`;
    lines.push(
      `${paint('unknown', WORDS.unknown.padEnd(WORD_WIDTH))}${printable(problem.target)}${place}: ${printable(problem.reason)}`,
    );
  }
  if (report.problems.length > 0) lines.push('');
  const sections = [
    ...(report.host
      ? [{ title: printable(`host ${report.run.hostname}`), findings: report.host.findings }]
      : []),
    ...report.domains.map((domain) => ({ title: domainTitle(domain), findings: domain.findings })),
  ];
  const urgent = sections.filter(({ findings }) => findings.some(isUrgent) || options.verbose);
  urgent.sort((left, right) => urgency(left.findings) - urgency(right.findings));
  for (const section of urgent) lines.push(...renderSection(section, options, paint), '');
  const remarks = [...waiverLines(report), ...report.notes.map((note) => `note: ${printable(note)}`)];
  if (remarks.length > 0) lines.push(...remarks, '');
  lines.push(...closing(report, sections.length - urgent.length));
  return `${lines.join('\n')}\n`;
}

function heading({ tool, run }: Report): string {
  const files = run.sources.filter(({ kind }) => kind === 'files');
  const sources = run.sources.map(
    ({ location, libvirtVersion }) => location + (libvirtVersion ? ` (libvirt ${libvirtVersion})` : ''),
  );
  const shown = files.length > 1 ? [`${files.length} paths`] : sources;
  return printable([`${tool.name} ${tool.version}`, hostTitle(run), ...shown, run.collectedAt].join(' | '));
}

/** What an operator decided, where that is anything: a green report may be green because of it. */
function policyLine({ profile, sources, disabledChecks, severities }: ReportedPolicy): string[] {
  const changed = Object.entries(severities).map(([check, severity]) => `${check} (${severity})`);
  const parts = [
    ...(profile === 'default' && sources.length === 0 ? [] : [`profile ${profile}`, ...sources]),
    ...(disabledChecks.length > 0 ? [`not asked: ${disabledChecks.join(', ')}`] : []),
    ...(changed.length > 0 ? [`other severity: ${changed.join(', ')}`] : []),
  ];
  return parts.length > 0 ? [printable(`policy: ${parts.join('; ')}`)] : [];
}

function domainTitle(domain: DomainReport): string {
  const { name, state, source, uuid } = domain;
  const about = [state ?? `in ${source}`, ownerOf(domain), uuid].filter(Boolean);
  return `domain ${printable(name)} (${printable(about.join(', '))})`;
}

function urgency(findings: readonly ReportedFinding[]): number {
  return Math.min(URGENCY.length, ...findings.map(urgencyOf));
}

function renderSection(
  { title, findings }: { title: string; findings: readonly ReportedFinding[] },
  { verbose }: TextOptions,
  paint: (outcome: Outcome, text: string) => string,
): string[] {
  const shown = findings
    .filter((finding) => verbose || isUrgent(finding))
    .sort((left, right) => urgencyOf(left) - urgencyOf(right));
  const groups = verbose ? shown.map((finding): Group => [finding]) : grouped(shown);
  const lines = [title];
  const checkWidth = Math.max(0, ...groups.map((group) => checksOf(group).length)) + 2;
  const indent = ' '.repeat(2 + WORD_WIDTH + checkWidth);
  for (const group of groups) {
    const [finding] = group;
    const { waiver } = finding;
    const word = waiver
      ? paint('info', 'waived'.padEnd(WORD_WIDTH))
      : paint(finding.outcome, WORDS[finding.outcome].padEnd(WORD_WIDTH));
    lines.push(
      `  ${word}${checksOf(group).padEnd(checkWidth)}${which(finding)}${printable(finding.observed)}`,
    );
    if (finding.expected !== undefined) lines.push(`${indent}expected: ${printable(finding.expected)}`);
    if (finding.detail !== undefined) lines.push(`${indent}note: ${printable(finding.detail)}`);
    if (finding.judgedAs)
      lines.push(
        `${indent}note: ${WORDS[finding.judgedAs]} by itself; the policy makes it ${finding.outcome}`,
      );
    if (waiver) lines.push(`${indent}${WORDS[finding.outcome]}, waived ${waivedBy(waiver)}`);
  }
  const folded = findings.length - shown.length;
  const told = verbose ? 0 : findings.filter(({ outcome }) => outcome === 'info').length;
  const waived = verbose ? 0 : findings.filter(({ waiver }) => waiver).length;
  const remarks = `${told > 0 ? `${told} for information, ` : ''}${waived > 0 ? `${waived} waived, ` : ''}`;
  if (folded > 0)
    lines.push(`  ${paint('pass', `${remarks}${folded - told - waived} more passed or not applicable`)}`);
  return lines;
}

function which({ definition }: ReportedFinding): string {
  if (definition === undefined) return '';
  return definition === 'live' ? 'running now: ' : 'at the next start: ';
}

function worthExplaining({ findings }: Report['summary']): boolean {
  return findings.fail + findings.warn > 0;
}

function closing({ summary, run, host, domains }: Report, folded: number): string[] {
  const lines: string[] = [];
  if (folded > 0) lines.push(`${folded} more with nothing to act on (--verbose shows them)`);
  if (!host) lines.push(printable(`host: ${run.hostNote}`));
  const fixable = domains.filter(({ findings }) => findings.some((finding) => finding.fixable));
  if (fixable.length > 0) {
    // The patch of a definition that nova or another layer writes does not last.
    const owned = fixable.filter(({ owner }) => owner?.rewrittenBy !== undefined).length;
    const [through, what] = owned > 0 ? [`, ${owned} of them by their owner`, 'how'] : ['', 'the patches'];
    lines.push(
      `${fixable.length} ${plural(fixable.length, 'domain')} can be mended${through}: virt-clock-audit remediate, with the same options, prints ${what}`,
    );
  }
  if (worthExplaining(summary)) {
    lines.push('virt-clock-audit explain CHECK tells why a check asks, and what to do');
  }
  const { findings } = summary;
  const counts = URGENCY.map((outcome) => `${findings[outcome]} ${outcome}`).join(', ');
  const problems = summary.problems > 0 ? `, ${summary.problems} ${plural(summary.problems, 'problem')}` : '';
  const waived = summary.waived > 0 ? `, ${summary.waived} waived` : '';
  lines.push(
    `${summary.domains} ${plural(summary.domains, 'domain')}; findings: ${counts}${waived}${problems}; exit code ${summary.exitCode}`,
  );
  return lines;
}
