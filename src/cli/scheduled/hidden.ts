import type { Report } from '../../report/report.js';
import { hostIdentity } from '../../report/subjects.js';
import { machineOf, type ResultEntry } from './result.js';

/**
 * Tells what a run had no chance to see: a hypervisor that does not answer for once has not mended its domains, and
 * would otherwise have new findings for all of them as soon as it answers again. What can be seen elsewhere is not kept
 * for that: one file that stays broken hides no other domain.
 */
export function hiddenFrom(reports: readonly Report[]): (entry: ResultEntry) => boolean {
  const lookedAt = new Set(
    reports.flatMap(({ run, host, domains }) => [
      ...(host ? [subject(hostIdentity(run), null)] : []),
      ...domains.map(({ uuid, name }) => subject(hostIdentity(run), uuid ?? name)),
    ]),
  );
  const hosts = new Set(reports.map(({ run }) => hostIdentity(run)));
  return (entry) => {
    if (entry.check === null || lookedAt.has(subject(entry.host, entry.domain))) return false;
    // A host that could not be reached may be known under another name than its own.
    const own = reports.filter(({ run }) => hostIdentity(run) === entry.host || !hosts.has(entry.host));
    return own.some((report) => report.problems.some((problem) => hides(problem, report, entry)));
  };
}

function hides({ target, cause }: Report['problems'][number], { run }: Report, entry: ResultEntry): boolean {
  const { host, name, source } = entry;
  // It tells that there is no such domain, and not that one cannot be seen.
  if (cause === 'no-match') return false;
  if (source === undefined) return true;
  if (hostIdentity(run) === host && isWhole(target, run)) return true;
  if (target === source || target === name || target === machineOf(source)) return true;
  const there = machineOf(source);
  if (there !== machineOf(target)) return false;
  // A file below a directory; or one of those that stand for a connection which does not answer.
  return source.startsWith(`${withoutMachine(target)}/`) || (isUri(source) && target.startsWith('/'));
}

/** Whether it is all of a host that could not be read. */
function isWhole(target: string, run: Report['run']): boolean {
  const { sources } = run;
  return (
    sources.length === 0 ||
    target === hostIdentity(run) ||
    sources.some(({ location }) => machineOf(location) === target)
  );
}

function withoutMachine(source: string): string {
  return source.replace(/ on \S+$/, '').replace(/\/$/, '');
}

function isUri(source: string): boolean {
  return /^[a-z][a-z0-9+]*:\/\//i.test(source);
}

function subject(host: string, domain: string | null): string {
  return JSON.stringify([host, domain]);
}
