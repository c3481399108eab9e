import { FormUnavailable, type PatchForm } from '../../remediation/forms/form.js';
import { passwordRemarks } from '../../remediation/forms/passwords.js';
import { printable } from '../../report/printable.js';
import { fixRemarks, ownerFixLines } from './fixLines.js';
import type { PlannedPatch } from './patches.js';

/** A patch in the form that was asked for. */
export interface FormedPatch extends PlannedPatch {
  /** The patch alone; null where there is none. */
  readonly body: string | null;
}

/** Puts a patch into a form. Where that cannot say it, the patch becomes a refused one with the reason. */
export function inForm(form: PatchForm, patch: PlannedPatch): FormedPatch {
  if (patch.made === null) return { ...patch, body: null };
  try {
    const remarks = [...patch.remarks, ...passwordRemarks(patch.made, form.format)];
    return { ...patch, body: form.render(patch.made), remarks };
  } catch (error) {
    if (!(error instanceof FormUnavailable)) throw error;
    return { ...patch, body: null, made: null, mends: [], left: [], refused: error.message, remarks: [] };
  }
}

/** What a patch leaves as it is, because nobody can say for certain what is right. */
export function leftRemarks({ left }: Pick<FormedPatch, 'left'>): string[] {
  return left.length === 0 ? [] : [`left: ${left.join(', ')}: no edit of the XML is certain to be right`];
}

/** Whether there is anything to say about a domain. */
export function isWorthSaying({ body, refused, ownerFix }: FormedPatch): boolean {
  return body !== null || refused !== null || ownerFix !== null;
}

/** What an operator has to know about a patch, first things first: one line each, harmless on a terminal. */
export function remarksOn(patch: FormedPatch): string[] {
  const { domain, body, mends, unmended, refused, ownerFix, undoneBy, remarks } = patch;
  const heading =
    body === null
      ? `no patch: ${refused ?? 'no edit of the XML mends what is wrong'}`
      : `makes ${mends.join(', ')} pass`;
  // What undoes the patch is said with what lasts instead.
  const others = ownerFix ? remarks.filter((remark) => !remark.startsWith('temporary: ')) : remarks;
  return [
    `domain ${domain}: ${heading}`,
    ...unmended.map(({ check, because }) => `not mended: ${check}: ${because}`),
    ...leftRemarks(patch),
    ...(ownerFix ? fixRemarks(ownerFixLines(ownerFix)) : []),
    ...(ownerFix && body !== null ? [`temporary: ${undoneBy}, which undoes this edit of the XML`] : []),
    ...others,
  ].map(printable);
}

/** A patch with its remarks, in a form that has a place for those; only the patch in another. */
export function patchText(form: PatchForm, patch: FormedPatch): string {
  const { comment } = form;
  const lines = comment ? remarksOn(patch).map((remark) => `${comment(remark)}\n`) : [];
  return `${lines.join('')}${patch.body ?? ''}`;
}
