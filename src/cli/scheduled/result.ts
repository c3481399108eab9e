import type { Report } from '../../report/report.js';
import { hostIdentity } from '../../report/subjects.js';

/** One thing that is wrong. What it says in words is no part of it: offsets and times differ with every run. */
export interface ResultEntry {
  /** What tells the host that the report is about from others. */
  readonly host: string;
  /** What tells the domain from others, its UUID or else its name; null for the host and for what could not be read. */
  readonly domain: string | null;
  /** How people call it: the domain's name, or what could not be read; null for the host. */
  readonly name: string | null;
  /** The check's id; null for something that could not be read at all. */
  readonly check: string | null;
  readonly outcome: 'warn' | 'fail' | 'unknown';
  /** The finding's code, or the problem's cause. */
  readonly code: string;
  /**
   * Where it was read: the connection or file of a domain, the name that a host was reached by. Absent for what could not
   * be read, and in states of versions that did not keep it.
   */
  readonly source?: string;
  /** Present for what was milder than every run counted that saw it, so that nobody has been told of it yet. */
  readonly uncounted?: true;
}

/** What is wrong according to some reports, each thing once, without what is waived. */
export function resultOf(reports: readonly Report[]): ResultEntry[] {
  const entries = reports.flatMap((report) => [
    ...report.problems.map(({ target, cause }) => problemEntry(hostIdentity(report.run), target, cause)),
    ...subjectsOf(report).flatMap(({ subject, findings }) =>
      findings.flatMap((finding) => findingEntry(finding, subject)),
    ),
  ]);
  // The running and the persistent definition may be at fault in the same way.
  return [...new Map(entries.map((entry) => [identity(entry), entry])).values()];
}

/** What is waived now, each as {@link question} tells it. */
export function waivedQuestions(reports: readonly Report[]): readonly string[] {
  return reports
    .flatMap(subjectsOf)
    .flatMap(({ subject, findings }) =>
      findings.flatMap(({ check, waiver }) => (waiver ? question({ ...subject, check }) : [])),
    );
}

type Subject = Pick<ResultEntry, 'host' | 'domain' | 'name' | 'source'>;
type Finding = Report['domains'][number]['findings'][number];

function subjectsOf({ run, host: part, domains }: Report) {
  const { sources } = run;
  const host = hostIdentity(run);
  // The sources of a recording tell which machine it is of, as ssh was given it.
  const reachedAs = sources.map(({ location }) => machineOf(location)).find((it) => it !== '') ?? host;
  const whole: Subject = { host, domain: null, name: null, source: reachedAs };
  return [
    ...(part ? [{ subject: whole, findings: part.findings }] : []),
    ...domains.map(({ uuid, name, source, findings }) => {
      const subject: Subject = { host, domain: uuid ?? name, name, source };
      return { subject, findings };
    }),
  ];
}

/** The machine of a source such as `qemu:///system on compute7`; empty for one of this machine. */
export function machineOf(source: string): string {
  return / on (\S+)$/.exec(source)?.[1] ?? '';
}

function problemEntry(host: string, target: string, cause: string): ResultEntry {
  return { host, domain: null, name: target, check: null, outcome: 'unknown', code: cause };
}

function findingEntry({ check, outcome, code, waiver }: Finding, subject: Subject): ResultEntry[] {
  const isWrong = outcome === 'warn' || outcome === 'fail' || outcome === 'unknown';
  return isWrong && !waiver ? [{ ...subject, check, outcome, code }] : [];
}

/** Equal for the same thing in two results. A domain that was renamed stays itself. */
export function identity({ outcome, code, ...entry }: ResultEntry): string {
  return JSON.stringify([question(entry), outcome, code]);
}

/** Equal for what was asked, whatever the answer. */
export function question({
  host,
  domain,
  name,
  check,
}: Pick<ResultEntry, 'host' | 'domain' | 'name' | 'check'>): string {
  return JSON.stringify([host, domain ?? (check === null ? name : null), check]);
}
