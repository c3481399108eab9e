import type { Format, RenderOptions } from './formats.js';
import { markdownCode, markdownRow, markdownText } from './markdownText.js';
import { plural } from './plural.js';
import type { Report, ReportedFinding } from './report.js';
import { hostTitle, ownerOf, problemTarget, type Subject, subjectsOf } from './subjects.js';
import { grouped, isUrgent, urgencyOf } from './urgency.js';
import { waivedBy, waiverLines } from './waivers.js';

const SUMMARY_COLUMNS = ['fail', 'unknown', 'warn', 'info', 'pass'] as const;

/** The form for tickets, merge requests and wikis: a table over all, then what needs action, then the details. */
export const markdown: Format = {
  render: (reports, options) => {
    const title = reports.length > 1 ? [`# virt-clock-audit: ${reports.length} hosts`, ''] : [];
    const lines = reports.flatMap((report) => hostLines(report, options, reports.length > 1));
    return [...title, ...(reports.length > 1 ? summaryLines(reports) : []), ...lines].join('\n');
  },
};

function summaryLines(reports: readonly Report[]): string[] {
  return [
    markdownRow('host', 'outcome', ...SUMMARY_COLUMNS, 'waived', 'problems'),
    markdownRow('---', '---', ...Array<string>(SUMMARY_COLUMNS.length + 2).fill('---:')),
    ...reports.map(({ run, summary: { outcome, findings, waived, problems } }) =>
      markdownRow(
        markdownText(hostTitle(run)),
        `**${outcome}**`,
        ...SUMMARY_COLUMNS.map((column) => String(findings[column])),
        String(waived),
        String(problems),
      ),
    ),
    '',
  ];
}

function hostLines(report: Report, { verbose }: RenderOptions, isOneOfSeveral: boolean): string[] {
  const heading = isOneOfSeveral ? '##' : '#';
  const { run, tool, summary, problems, policy } = report;
  const about = [
    `${tool.name} ${markdownText(tool.version)}`,
    markdownText(run.collectedAt),
    `profile ${markdownText(policy.profile)}`,
    ...run.sources.map(({ location }) => markdownCode(location)),
  ];
  const subjects = subjectsOf(report);
  const urgent = subjects
    .flatMap((subject) => grouped(subject.findings.filter(isUrgent)).map((group) => ({ subject, group })))
    .sort((left, right) => urgencyOf(left.group[0]) - urgencyOf(right.group[0]));
  const shown = subjects.filter(({ findings }) => verbose || findings.some(isUrgent));
  const folded = subjects.length - shown.length;
  const remarks = [...waiverLines(report), ...report.notes.map((note) => `note: ${note}`)];
  return [
    `${heading} virt-clock-audit: ${markdownText(hostTitle(run))}`,
    '',
    `Outcome **${summary.outcome}**. ${about.join(', ')}.`,
    '',
    ...(isOneOfSeveral ? [] : summaryLines([report])),
    ...section(`${heading}# Not read`, problems.length > 0, [
      markdownRow('what', 'why'),
      markdownRow('---', '---'),
      ...problems.map((problem) =>
        markdownRow(markdownCode(problemTarget(problem)), markdownText(problem.reason)),
      ),
    ]),
    ...section(`${heading}# What needs action`, urgent.length > 0, [
      markdownRow('outcome', 'where', 'check', 'found'),
      markdownRow('---', '---', '---', '---'),
      ...urgent.map(({ subject, group: [finding, ...others] }) =>
        markdownRow(
          `**${finding.outcome}**`,
          whereOf(subject),
          others.length > 0 ? `${others.length + 1} checks` : markdownCode(finding.check),
          markdownText(finding.observed),
        ),
      ),
    ]),
    ...shown.flatMap((subject) => detailLines(report, subject, verbose, `${heading}#`)),
    ...section(
      `${heading}# Remarks`,
      remarks.length > 0,
      remarks.map((remark) => `- ${markdownText(remark)}`),
    ),
    ...(folded > 0 ? [`${folded} more with nothing to act on.`, ''] : []),
    ...(report.host ? [] : [`Host: ${markdownText(run.hostNote)}.`, '']),
  ];
}

function section(title: string, wanted: boolean, lines: readonly string[]): string[] {
  return wanted ? [title, '', ...lines, ''] : [];
}

function whereOf({ domain, name }: Subject): string {
  return domain ? `domain ${markdownCode(name)}` : `host ${markdownCode(name)}`;
}

function detailLines(report: Report, subject: Subject, verbose: boolean, heading: string): string[] {
  const { domain, findings } = subject;
  const shown = findings
    .filter((finding) => verbose || isUrgent(finding))
    .sort((left, right) => urgencyOf(left) - urgencyOf(right));
  const about = domain
    ? [domain.state ?? 'state not known', ownerOf(domain), domain.uuid, domain.source].filter(
        (it) => it !== null,
      )
    : [];
  const rest = findings.length - shown.length;
  return [
    `${heading} ${whereOf(subject)}`,
    '',
    ...(about.length > 0 ? [`${about.map(markdownText).join(', ')}.`, ''] : []),
    ...(domain?.owner?.rewrittenBy !== undefined && shown.some(({ fixable }) => fixable)
      ? [
          `An edit of the XML does not last: ${markdownText(domain.owner.rewrittenBy)}. \`virt-clock-audit remediate\` tells what to do there.`,
          '',
        ]
      : []),
    ...grouped(shown).flatMap(([finding, ...others]) => findingLines(report, finding, others)),
    ...(rest > 0 ? [`- ${rest} more ${plural(rest, 'finding')} with nothing to act on`] : []),
    '',
  ];
}

function findingLines(
  { checks }: Report,
  finding: ReportedFinding,
  others: readonly ReportedFinding[],
): string[] {
  const { check, outcome, title, observed, expected, detail, definition, place, judgedAs, waiver } = finding;
  const which = definition ? ` (${definition} definition)` : '';
  const fix = checks.find(({ id }) => id === check)?.fix;
  const at = place ? `${place.file}:${place.line}:${place.column}` : undefined;
  const more: readonly [string, string | undefined][] = [
    ['found', observed],
    ['expected', expected],
    ['note', detail],
    ['policy', judgedAs && `${judgedAs} by itself; the policy makes it ${outcome}`],
    ['waived', waiver && waivedBy(waiver)],
    ['fix', isUrgent(finding) && outcome !== 'unknown' ? fix : undefined],
  ];
  const word = waiver ? `waived ${outcome}` : outcome;
  const about =
    others.length > 0
      ? [finding, ...others].map((it) => markdownCode(it.check)).join(', ')
      : `${markdownCode(check)}${which}: ${markdownText(title)}`;
  return [
    `- **${word}** ${about}`,
    ...more.flatMap(([label, text]) => (text === undefined ? [] : [`  - ${label}: ${markdownText(text)}`])),
    ...(at === undefined ? [] : [`  - at: ${markdownCode(at)}`]),
  ];
}
