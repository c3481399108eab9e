import type { FailedRun, Format, RenderOptions } from './formats.js';
import { printableJson } from './printable.js';
import type { DomainReport, Report, ReportedFinding } from './report.js';
import { fileLocation, LogicalLocations, problemLocation, type SarifLocation } from './sarifLocations.js';
import { PROBLEM_RULE, problemResult } from './sarifProblems.js';
import { sarifRule } from './sarifRules.js';
import { fingerprint, sarifMessage, sarifPlain, uriSegment } from './sarifText.js';
import { hostIdentity, type Subject, subjectsOf } from './subjects.js';
import { waivedBy } from './waivers.js';

/**
 * The form for code scanning: SARIF 2.1.0, with a run for each host.
 * @see {@link https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html}
 */
export const sarif: Format = {
  render: (reports, options) => written(reports.map((report) => runOf(report, options))),
  renderFailure: (failed) => written([failedRunOf(failed)]),
};

function written(runs: readonly object[]): string {
  const log = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs };
  return `${printableJson(JSON.stringify(log, null, 1))}\n`;
}

/** Has no results, not even an empty list, which would say that nothing was found (section 3.14.23). */
function failedRunOf({ messages, toolVersion, endedAtSeconds }: FailedRun) {
  return {
    tool: { driver: driverOf('virt-clock-audit', toolVersion) },
    invocations: [
      {
        endTimeUtc: new Date(endedAtSeconds * 1000).toISOString(),
        exitCode: 3,
        executionSuccessful: false,
        toolExecutionNotifications: messages.map((message) => ({
          level: 'error',
          message: sarifMessage(message),
        })),
      },
    ],
  };
}

function driverOf(name: string, version: string) {
  return {
    name,
    version: sarifPlain(version),
    ...(SEMANTIC_VERSION.test(version) && { semanticVersion: version }),
  };
}

const SEMANTIC_VERSION = /^\d+\.\d+\.\d+(-[\w.-]+)?(\+[\w.-]+)?$/;

function runOf(report: Report, { verbose }: RenderOptions) {
  const { tool, run, checks, summary, problems, notes } = report;
  const logical = new LogicalLocations();
  const rules = new Map(checks.map(({ id }, index) => [id, index]));
  const identityOf = domainIdentities(report);
  const results = [
    ...subjectsOf(report).flatMap((subject) => {
      const identity = subject.domain ? identityOf(subject.domain) : hostIdentity(run);
      return subject.findings
        .filter((finding) => verbose || finding.waiver || isAlert(finding))
        .map((finding) => resultOf(report, subject, identity, finding, rules, logical));
    }),
    ...problems.map((problem) => problemResult(problem, hostIdentity(run), checks.length, logical)),
  ];
  return {
    tool: {
      driver: { ...driverOf(tool.name, tool.version), rules: [...checks.map(sarifRule), PROBLEM_RULE] },
    },
    // Tells the runs of several hosts from each other, and goes before what counts them.
    automationDetails: { id: `virt-clock-audit/${uriSegment(hostIdentity(run))}/` },
    columnKind: 'utf16CodeUnits',
    invocations: [
      {
        startTimeUtc: new Date(run.collectedAt).toISOString(),
        machine: sarifPlain(run.hostname),
        exitCode: summary.exitCode,
        executionSuccessful: problems.length === 0,
        toolExecutionNotifications: [
          ...problems.map((problem) => problemNotification(problem, logical)),
          ...notes.map((note) => ({ level: 'note', message: sarifMessage(note) })),
        ],
      },
    ],
    results,
    ...(logical.all.length > 0 && { logicalLocations: logical.all }),
  };
}

/**
 * What tells a domain from others for good: its UUID goes with it wherever it is migrated, and neither a name nor a line is
 * part of what it is. Copies of a definition that a report has from several places have the UUID in common.
 */
function domainIdentities({ domains }: Report): (domain: DomainReport) => string {
  const places = new Map<string | null, Set<string>>();
  for (const { uuid, source } of domains) places.set(uuid, (places.get(uuid) ?? new Set()).add(source));
  return ({ uuid, name, source }) => {
    if (uuid === null) return `${source} ${name}`;
    return (places.get(uuid)?.size ?? 0) > 1 ? `${source} ${uuid}` : uuid;
  };
}

function isAlert({ outcome }: ReportedFinding): boolean {
  return outcome === 'fail' || outcome === 'warn' || outcome === 'unknown';
}

/** A result of a kind other than `fail` has no level (section 3.27.9); `open` is one that could not be decided. */
const KINDS = {
  fail: { kind: 'fail', level: 'error' },
  warn: { kind: 'fail', level: 'warning' },
  unknown: { kind: 'open', level: 'none' },
  info: { kind: 'informational', level: 'none' },
  pass: { kind: 'pass', level: 'none' },
  'not-applicable': { kind: 'notApplicable', level: 'none' },
} as const;

function resultOf(
  report: Report,
  { domain, name }: Subject,
  identity: string,
  finding: ReportedFinding,
  rules: ReadonlyMap<string, number>,
  logical: LogicalLocations,
) {
  const { check, outcome, code, title, observed, expected, detail, definition, place, waiver } = finding;
  const parts = [
    `${title}: ${observed}`,
    expected === undefined ? '' : `; expected: ${expected}`,
    detail === undefined ? '' : `; note: ${detail}`,
  ];
  return {
    ruleId: check,
    ruleIndex: rules.get(check) ?? -1,
    ...KINDS[outcome],
    message: sarifMessage(parts.join('')),
    locations: [
      {
        ...(place && fileLocation(place.file, place)),
        logicalLocations: [
          domain
            ? logical.locationOfClock(domain.source, name)
            : logical.locationOf(sarifPlain(hostIdentity(report.run)), 'resource'),
        ],
      } satisfies SarifLocation,
    ],
    partialFingerprints: { 'checkAndSubject/v1': fingerprint(check, identity, definition ?? '') },
    ...(waiver && {
      suppressions: [{ kind: 'external', status: 'accepted', justification: sarifPlain(waivedBy(waiver)) }],
    }),
    properties: { code, outcome },
  };
}

function problemNotification(problem: Report['problems'][number], logical: LogicalLocations) {
  const { cause, reason, target } = problem;
  return {
    level: 'error',
    descriptor: { id: cause },
    message: sarifMessage(`${target}: ${reason}`),
    locations: [problemLocation(problem, logical)],
  };
}
