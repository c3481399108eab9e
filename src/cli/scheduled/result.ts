import type { Report } from '../../report/report.js';

/** One thing that is wrong. What it says in words is no part of it: offsets and times differ with every run. */
export interface ResultEntry {
  /** The name of the host that the report is about. */
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
}

/** What is wrong according to some reports, each thing once, without what is waived. */
export function resultOf(reports: readonly Report[]): ResultEntry[] {
  const entries = reports.flatMap(({ run: { hostname: host }, host: part, domains, problems }) => [
    ...problems.map(({ target, cause }) => problemEntry(host, target, cause)),
    ...(part?.findings ?? []).flatMap((finding) => findingEntry(finding, { host, domain: null, name: null })),
    ...domains.flatMap(({ uuid, name, findings }) =>
      findings.flatMap((finding) => findingEntry(finding, { host, domain: uuid ?? name, name })),
    ),
  ]);
  // The running and the persistent definition may be at fault in the same way.
  return [...new Map(entries.map((entry) => [identity(entry), entry])).values()];
}

function problemEntry(host: string, target: string, cause: string): ResultEntry {
  return { host, domain: null, name: target, check: null, outcome: 'unknown', code: cause };
}

function findingEntry(
  { check, outcome, code, waiver }: Report['domains'][number]['findings'][number],
  subject: Pick<ResultEntry, 'host' | 'domain' | 'name'>,
): ResultEntry[] {
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
