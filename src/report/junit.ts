import type { FailedRun, Format } from './formats.js';
import type { Report, ReportedFinding } from './report.js';
import { hostIdentity, problemTarget, subjectsOf } from './subjects.js';
import { waivedBy } from './waivers.js';
import { xmlAttributes, xmlText } from './xmlText.js';

const NAME = 'virt-clock-audit';

/** One test case and what became of it; a warning is a case that passed and says something. */
interface Case {
  readonly classname: string;
  readonly name: string;
  readonly result?: {
    readonly element: 'failure' | 'error' | 'skipped' | 'system-out';
    readonly type: string;
    readonly message: string;
    readonly body: readonly string[];
  };
}

interface Suite {
  readonly name: string;
  /** ISO 8601, in UTC. */
  readonly timestamp: string;
  /** Absent where that is not known. */
  readonly hostname?: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly cases: readonly Case[];
}

/**
 * The form for CI servers: a suite for each part of each host, a case for each finding and each problem. Written by
 * hand, since no builder for XML makes characters visible that XML cannot hold.
 * @see {@link https://github.com/testmoapp/junitxml} for what CI servers read
 */
export const junit: Format = {
  render: (reports) => written(reports.flatMap(suitesOf)),
  renderFailure: (failed) => written([failedSuite(failed)]),
};

function written(suites: readonly Suite[]): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${xmlAttributes({ name: NAME, ...countsOf(suites.flatMap(({ cases }) => cases)) })}>`,
    ...suites.flatMap(suiteLines),
    '</testsuites>',
    '',
  ].join('\n');
}

/** One case that could not be tried, for CI servers would go on showing what they read last. */
function failedSuite({ messages, toolVersion, endedAtSeconds }: FailedRun): Suite {
  const [message = 'the audit failed'] = messages;
  return {
    name: NAME,
    timestamp: new Date(endedAtSeconds * 1000).toISOString(),
    properties: { version: toolVersion },
    cases: [
      {
        ...{ classname: 'run', name: NAME },
        result: { element: 'error', type: 'run-failed', message, body: messages },
      },
    ],
  };
}

function suitesOf(report: Report): Suite[] {
  const { run, problems, tool, policy } = report;
  const about = {
    timestamp: run.collectedAt,
    hostname: run.hostname,
    properties: { version: tool.version, profile: policy.profile },
  };
  const subjects = subjectsOf(report);
  const casesOf = (scope: 'host' | 'domain') =>
    subjects
      .filter(({ domain }) => (domain === null) === (scope === 'host'))
      .flatMap(({ name, findings }) => findings.map((finding) => caseOf(finding, name)));
  const parts: readonly [string, readonly Case[]][] = [
    ['host', casesOf('host')],
    ['domains', casesOf('domain')],
    ['problems', problems.map(problemCase)],
  ];
  return parts
    .filter(([, cases]) => cases.length > 0)
    .map(([part, cases]) => ({ name: `${hostIdentity(run)} ${part}`, ...about, cases }));
}

function caseOf(finding: ReportedFinding, subject: string): Case {
  const { check, outcome, code, observed, waiver, definition } = finding;
  const base = { classname: check, name: definition ? `${subject} (${definition})` : subject };
  const result = (element: NonNullable<Case['result']>['element'], message: string): Case => ({
    ...base,
    result: { element, type: code, message, body: bodyOf(finding) },
  });
  if (waiver) return result('skipped', `waived ${waivedBy(waiver)}`);
  switch (outcome) {
    case 'fail':
      return result('failure', observed);
    case 'unknown':
      return result('error', observed);
    case 'not-applicable':
      return result('skipped', observed);
    case 'warn':
      return result('system-out', '');
    default:
      return base;
  }
}

function bodyOf({ outcome, title, observed, expected, detail, place, evidence }: ReportedFinding): string[] {
  return [
    `${outcome}: ${title}`,
    `observed: ${observed}`,
    ...(expected === undefined ? [] : [`expected: ${expected}`]),
    ...(detail === undefined ? [] : [`note: ${detail}`]),
    ...(place ? [`at: ${place.file}:${place.line}:${place.column}`] : []),
    ...evidence.map(({ fact, source }) => `evidence: ${fact} from ${source}`),
  ];
}

function problemCase(problem: Report['problems'][number]): Case {
  const { cause, reason, libvirtError } = problem;
  const body = libvirtError
    ? [`libvirt error ${libvirtError.code}, domain ${libvirtError.domain}: ${libvirtError.message}`]
    : [];
  return {
    classname: 'problem',
    name: problemTarget(problem),
    result: { element: 'error', type: cause, message: reason, body },
  };
}

function countsOf(cases: readonly Case[]) {
  const having = (element: string) => cases.filter(({ result }) => result?.element === element).length;
  return {
    tests: cases.length,
    failures: having('failure'),
    errors: having('error'),
    skipped: having('skipped'),
    // Nothing is measured case by case, and readers want a number.
    time: 0,
  };
}

function suiteLines({ name, timestamp, hostname, properties, cases }: Suite): string[] {
  // Seconds and no zone is all that the older readers take; it is UTC.
  const about = {
    name,
    ...countsOf(cases),
    timestamp: timestamp.slice(0, 19),
    ...(hostname && { hostname }),
  };
  return [
    ` <testsuite${xmlAttributes(about)}>`,
    '  <properties>',
    ...Object.entries(properties).map(
      ([key, value]) => `   <property${xmlAttributes({ name: key, value })}/>`,
    ),
    '  </properties>',
    ...cases.flatMap(caseLines),
    ' </testsuite>',
  ];
}

function caseLines({ classname, name, result }: Case): string[] {
  const start = `  <testcase${xmlAttributes({ classname, name, time: 0 })}`;
  if (!result) return [`${start}/>`];
  const { element, type, message, body } = result;
  const attributes = element === 'system-out' ? {} : element === 'skipped' ? { message } : { type, message };
  const text = body.map((line) => xmlText(line)).join('\n');
  return [`${start}>`, `   <${element}${xmlAttributes(attributes)}>${text}</${element}>`, '  </testcase>'];
}
