import type { ChangeOutcome, DefinitionChange } from '../apply/definitionChange.js';
import type { ChangeReport } from './changeReport.js';
import { plural } from './plural.js';
import { printable } from './printable.js';

const WORDS: Readonly<Record<ChangeOutcome, string>> = {
  changed: 'changed',
  'would-change': 'would be changed',
  unchanged: 'nothing to change',
  refused: 'refused',
  failed: 'FAILED',
  'not-tried': 'not tried',
};

const NOW: Readonly<Record<DefinitionChange['definition'], string>> = {
  old: 'the domain has its old definition',
  new: 'the domain has the new definition',
  none: 'the domain has no persistent definition any more',
  unknown:
    'libvirt does not tell whether the domain has the old or the new definition; it has one of them, whole',
};

/**
 * The result of a change for people.
 * @param isShown - whether they have just seen the differences and the remarks
 */
export function renderChanges(report: ChangeReport, isShown = false): string {
  const { run, command, exitCode, domains, problems } = report;
  const lines = [
    printable(`virt-clock-audit ${command} | ${run.hostname} | ${run.uri} | ${run.startedAt}`),
    '',
  ];
  for (const { target, reason } of problems) lines.push(printable(`FAILED   ${target}: ${reason}`), '');
  for (const domain of domains) lines.push(...renderDomain(domain, isShown), '');
  const changed = domains.filter((domain) => domain.changed).length;
  const count = run.dryRun ? `${changed} would be changed (--dry-run)` : `${changed} changed`;
  lines.push(`${domains.length} ${plural(domains.length, 'domain')}, ${count}; exit code ${exitCode}`);
  return `${lines.join('\n')}\n`;
}

function renderDomain(change: DefinitionChange, isShown: boolean): string[] {
  const { name, outcome, reason, mends, diff, backup, undo, definition, remarks } = change;
  const lines = [printable(`domain ${name}: ${WORDS[outcome]}${reason ? `: ${reason}` : ''}`)];
  if (mends.length > 0) lines.push(`  mends ${mends.join(', ')}`);
  if (diff !== null && !isShown) lines.push(...renderDiff(diff));
  if (outcome === 'failed' || (outcome === 'refused' && backup !== null)) lines.push(`  ${NOW[definition]}`);
  if (backup !== null) {
    lines.push(
      printable(`  backup: ${backup} (with the passwords of the definition; readable by its owner only)`),
    );
  }
  if (undo !== null) lines.push(printable(`  to put the old definition back: ${undo}`));
  if (!isShown) lines.push(...remarks.map((remark) => printable(`  note: ${remark}`)));
  return lines;
}

/** A diff that is looked at, not applied. */
export function renderDiff(diff: string): string[] {
  return diff
    .trimEnd()
    .split('\n')
    .map((line) => `  ${printable(line)}`);
}
