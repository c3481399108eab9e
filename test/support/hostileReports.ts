import type { Report, ReportedFinding } from '../../src/report/report.js';

/** What somebody might call a domain, a file or a host to get something into a form that does not belong there. */
export const HOSTILE_TEXTS: readonly string[] = [
  ']]><failure/>',
  '"><script>alert(1)</script>',
  "' onload='x",
  '&amp;&#x0;&nbsp;',
  '\u0000\u0001\u0008\u000b\u001b[31mred\u001b[0m\u007f\u0085\u009b',
  '\ud800 \udc00 \ud83d',
  '\ufffe\uffff\u{1fffe}',
  '\u202eevil\u202c\u2028\u2029\u200b\ufeff',
  'a\r\nb\n\n# heading\n- item\n| a | b |\n| - | - |',
  '|a\\|b\\\\|c|',
  '`a``b```c````d',
  '` `',
  '`',
  '[link](javascript:alert(1)) ![image](http://example.com/x.png)',
  'https://example.com www.example.com user@example.com @everyone #1 !1 ~label $x$ :smile:',
  '*bold* _it_ __b__ ~~s~~ <b>b</b> <!-- c --> &copy; \\*',
  '</textarea><img src=x onerror=x>',
  '{0} {{1}} [a](0) \\[b\\]',
  '../../etc/passwd',
  'C:\\windows\\x',
  '%2e%2e%00',
  '__proto__',
  ' leading and trailing ',
  '\t',
  '',
  'ünï 😀 漢字',
  'x'.repeat(5000),
];

/** A report in which that text stands wherever a text comes from elsewhere; it comes out as it did. */
export function withTextFromElsewhere(report: Report, text: string): Report {
  const changed = (finding: ReportedFinding): ReportedFinding => ({
    ...finding,
    observed: text,
    ...(finding.expected !== undefined && { expected: text }),
    ...(finding.detail !== undefined && { detail: text }),
    ...(finding.waiver && { waiver: { ...finding.waiver, reason: text, owner: text, place: text } }),
    ...(finding.place && { place: { ...finding.place, file: text } }),
    evidence: finding.evidence.map(({ fact }) => ({ fact, source: text })),
  });
  return {
    ...report,
    tool: { ...report.tool, version: text },
    run: {
      ...report.run,
      hostname: text,
      hostNote: text,
      sources: report.run.sources.map((source) => ({ ...source, location: text })),
    },
    policy: {
      ...report.policy,
      profile: text,
      waivers: report.policy.waivers.map((waiver) => ({
        ...waiver,
        target: text,
        reason: text,
        owner: text,
      })),
    },
    host: report.host && { ...report.host, findings: report.host.findings.map(changed) },
    domains: report.domains.map((domain) => ({
      ...domain,
      name: text,
      uuid: domain.uuid && text,
      source: text,
      findings: domain.findings.map(changed),
    })),
    problems: report.problems.map((problem) => ({ ...problem, target: text, reason: text })),
    notes: [text],
  };
}
