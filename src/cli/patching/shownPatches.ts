import type { PatchForm } from '../../remediation/forms/form.js';
import { UsageError } from '../usageError.js';
import { fixRemarks, guestFixLines, hostFixLines } from './fixLines.js';
import { type FormedPatch, isWorthSaying, patchText, remarksOn } from './patchText.js';
import type { WholeRunFixes } from './wholeRunFixes.js';

/** What goes to standard output, and what to standard error because the form has no place for it. */
export interface ShownPatches {
  readonly text: string;
  /** One line each, harmless on a terminal. */
  readonly aside: readonly string[];
}

/**
 * Puts all patches into one text.
 * @throws UsageError for a form of which there cannot be two in one text
 */
export function showPatches(
  form: PatchForm,
  patches: readonly FormedPatch[],
  { hostFixes, guestFixes }: WholeRunFixes,
): ShownPatches {
  const worth = patches.filter(isWorthSaying);
  const count = worth.filter(({ body }) => body !== null).length;
  const isDocument = form.format === 'xml' || form.format === 'rfc5261';
  if (isDocument && count > 1) {
    throw new UsageError(
      `--format ${form.format} gives one XML document a domain, and there are ${count}: name one with --domain, or have them written into files with --output DIRECTORY`,
    );
  }
  const fixes = [...hostFixes.map(hostFixLines), ...guestFixes.map(guestFixLines)].map(fixRemarks);
  const { comment } = form;
  // Comments alone are no XML document.
  if (!comment || (isDocument && count === 0)) {
    return {
      text: worth.map(({ body }) => body ?? '').join(''),
      aside: [...fixes, ...worth.map(remarksOn)].flat(),
    };
  }
  const blocks = [
    ...fixes.map((lines) => lines.map((line) => `${comment(line)}\n`).join('')),
    ...worth.map((patch) => patchText(form, patch)),
  ];
  return { text: blocks.join('\n'), aside: [] };
}
