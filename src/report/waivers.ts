import { plural } from './plural.js';
import { printable } from './printable.js';
import type { AppliedWaiver, Report } from './report.js';

/** One line for each waiver that covers something, however many findings that are. */
export function waiverLines({ policy }: Pick<Report, 'policy'>): string[] {
  return policy.waivers
    .filter(({ state }) => state === 'applied')
    .map((waiver) => {
      const { check, target, findings } = waiver;
      const what = `${findings} ${plural(findings, 'finding')} of ${check} on ${target}`;
      return `waived: ${printable(what)} ${waivedBy(waiver)}`;
    });
}

/** `until 2027-01-31 by ops: reason`, safe to print. */
export function waivedBy({ expires, owner, reason }: AppliedWaiver): string {
  return printable(`${expires === null ? 'without an end' : `until ${expires}`} by ${owner}: ${reason}`);
}
