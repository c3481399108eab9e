/** Whether a JSON report is that of a whole audit. A run that skipped its work would be the fastest of all. */

/**
 * @param report the audit's JSON report
 * @param {number} count how many domains were there to be audited
 * @throws when a domain is absent, or has no finding but that nothing could be found out
 */
export function requireCompleteAudit(report, count) {
  const { domains } = report;
  if (!Array.isArray(domains) || domains.length !== count) {
    throw new Error(`the report has ${domains?.length ?? 'no'} domains instead of ${count}`);
  }
  const unread = domains.filter(({ findings }) => !findings?.some(({ outcome }) => outcome !== 'unknown'));
  if (unread.length > 0) {
    throw new Error(`${unread.length} of ${count} domains have no findings, the first is ${unread[0].name}`);
  }
}
