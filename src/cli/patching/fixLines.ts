import type { GuestFix } from '../../remediation/guestFix.js';
import type { HostFix } from '../../remediation/hostFix.js';
import type { OwnerFix } from '../../remediation/ownerFix.js';
import { plural } from '../../report/plural.js';
import { printable } from '../../report/printable.js';

/** One line about a fix: words for an operator, or something to paste. */
export interface FixLine {
  readonly kind: 'words' | 'paste';
  /** Harmless on a terminal, without a line break. */
  readonly text: string;
}

/** What the layer that owns a domain has to be told, in that order. */
export function ownerFixLines({ owner, steps }: OwnerFix): FixLine[] {
  if (steps.length === 0) return [];
  return [
    words(`the fix that lasts is made in ${owner}:`),
    ...steps.flatMap(({ about, command }) => [
      words(`- ${about}`),
      ...(command === null ? [] : command.split('\n').map(paste)),
    ]),
  ];
}

/** What mends something about the hypervisor. */
export function hostFixLines({ check, about, file, lines, activate }: HostFix): FixLine[] {
  return [
    words(`${check}: ${about}`),
    ...(file === null ? [] : [words(`in ${file}:`)]),
    ...lines.map(paste),
    ...(activate === null ? [] : [words('then:'), ...activate.split('\n').map(paste)]),
  ];
}

/** What can be pasted inside of guests. */
export function guestFixLines({ check, about, files, activate, domains }: GuestFix): FixLine[] {
  const fitting = `${domains} ${plural(domains, 'domain')}`;
  return [
    words(`${check}, for ${fitting}: ${about}`),
    ...files.flatMap(({ path, lines }) => [words(`in ${path} of the guest:`), ...lines.map(paste)]),
    words('then, in the guest:'),
    ...activate.split('\n').map(paste),
  ];
}

/** Fixes as a text to paste from, in which everything else is a comment. */
export function fixesText(fixes: readonly (readonly FixLine[])[]): string {
  const blocks = fixes.map((lines) =>
    lines.map(({ kind, text }) => (kind === 'words' ? `# ${text}\n` : `${text}\n`)).join(''),
  );
  return blocks.join('\n');
}

/** Fixes as remarks, where each line is put into a comment. */
export function fixRemarks(lines: readonly FixLine[]): string[] {
  return lines.map(({ kind, text }) => (kind === 'words' ? text : `    ${text}`));
}

function words(text: string): FixLine {
  return { kind: 'words', text: printable(text) };
}

function paste(text: string): FixLine {
  return { kind: 'paste', text: printable(text) };
}
