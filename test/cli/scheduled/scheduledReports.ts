import type { Report, ReportedFinding } from '../../../src/report/report.js';

type Wrong = `${'warn' | 'fail' | 'unknown' | 'pass' | 'info'} ${string} ${string}`;

/** What a report says that counts for a comparison, in `outcome check code`. */
export interface WantedReport {
  readonly hostname?: string;
  /** Null for a report without a host. */
  readonly host?: readonly Wrong[] | null;
  /** The places that the domains are from; all of them are from the first one where not told otherwise. */
  readonly sources?: readonly string[];
  /** By `name` or `name=uuid`, with `@source` behind it for another source. */
  readonly domains?: Readonly<Record<string, readonly Wrong[]>>;
  /** `target cause` */
  readonly problems?: readonly string[];
  /** Checks whose findings are waived. */
  readonly waived?: readonly string[];
}

/** A report with nothing in it but that. */
export function scheduledReport(wanted: WantedReport): Report {
  const { hostname = 'compute7', host = null, domains = {}, problems = [], waived = [] } = wanted;
  const { sources = ['qemu:///system'] } = wanted;
  const finding = (text: Wrong): ReportedFinding => {
    const [outcome, check = '', code = ''] = text.split(' ');
    const waiver = { reason: 'for now', owner: 'ops', expires: null, place: 'x.yaml:1:1' };
    return {
      ...{ check, code, outcome: outcome as ReportedFinding['outcome'], title: check },
      ...{ observed: `now it is ${Math.random()}`, evidence: [], fixable: false },
      ...(waived.includes(check) && { waiver }),
    };
  };
  const hostFindings = host?.map(finding);
  const reported = Object.entries(domains).map(([key, findings]) => {
    const [, text = key, source = sources[0]] = /^(.*)@([^@]+)$/s.exec(key) ?? [];
    const [name, uuid = null] = text.split('=');
    return { name, uuid, source, findings: findings.map(finding) };
  });
  const all = [...(hostFindings ?? []), ...reported.flatMap(({ findings }) => findings)];
  const count = (outcome: string) => all.filter((it) => it.outcome === outcome && !it.waiver).length;
  return {
    run: { hostname, sources: sources.map((location) => ({ kind: 'libvirt', location })) },
    summary: {
      problems: problems.length,
      findings: { fail: count('fail'), warn: count('warn'), unknown: count('unknown') },
    },
    host: hostFindings ? { findings: hostFindings } : null,
    domains: reported,
    problems: problems.map((text) => {
      const [, target = '', cause = ''] = /^(.*) (\S+)$/s.exec(text) ?? [];
      return { outcome: 'unknown', target, cause, reason: `because of ${Math.random()}` };
    }),
  } as unknown as Report;
}
