import type { DomainReport, Report, ReportedFinding } from './report.js';

/** A thing that findings are about: the host, or one of its domains. */
export interface Subject {
  /** Null for the host. */
  readonly domain: DomainReport | null;
  /** What tells it from all others of its report: the name, with more behind it where two have the same. */
  readonly name: string;
  readonly findings: readonly ReportedFinding[];
}

/** What tells the machine of a report from others: what the caller called it, before what it calls itself. */
export function hostIdentity({ target, hostname }: Pick<Report['run'], 'target' | 'hostname'>): string {
  return target ?? hostname;
}

/** What a machine calls itself, with what the caller called it where that is something else. */
export function hostTitle({ target, hostname }: Report['run']): string {
  return target === undefined || target === hostname ? hostname : `${hostname} (${target})`;
}

/** Everything that the findings of a report are about, the host first. */
export function subjectsOf({ host, run, domains }: Report): Subject[] {
  const counts = new Map<string, number>();
  for (const { name } of domains) counts.set(name, (counts.get(name) ?? 0) + 1);
  const nameOf = ({ name, uuid, source }: DomainReport) =>
    counts.get(name) === 1 ? name : `${name} (${[uuid, source].filter(Boolean).join(', ')})`;
  return [
    ...(host ? [{ domain: null, name: hostIdentity(run), findings: host.findings }] : []),
    ...domains.map((domain) => ({ domain, name: nameOf(domain), findings: domain.findings })),
  ];
}

/** Who else writes a domain's definition, and under what name it is known there; null where nobody does. */
export function ownerOf({ owner }: DomainReport): string | null {
  if (owner?.kind === 'nova') return `nova instance ${owner.instanceName ?? 'without a name'}`;
  return owner?.rewrittenBy === undefined ? null : owner.label;
}

/** `file:line:column` of a problem, or only what it is about. */
export function problemTarget({ target, line, column }: Report['problems'][number]): string {
  return line === undefined ? target : `${target}:${line}:${column ?? 1}`;
}
