import { join } from 'node:path';
import type { Facts } from '../../facts/facts.js';
import { sha256 } from '../../facts/sha256.js';
import type { PatchForm } from '../../remediation/forms/form.js';
import { shellWord } from '../../remediation/forms/shellWord.js';
import { printableJson } from '../../report/printable.js';
import { type FixLine, fixesText, guestFixLines, hostFixLines } from './fixLines.js';
import type { PatchDirectory } from './patchDirectory.js';
import { describePatch, describeRun, MANIFEST_FILE, type OtherFile } from './patchManifest.js';
import { type FormedPatch, patchText } from './patchText.js';
import type { WholeRunFixes } from './wholeRunFixes.js';

/**
 * Writes one file a domain, what can be pasted besides, and at last the manifest: where that names checksums that are right,
 * the run was complete.
 * @returns what was written, and what became of the files of an earlier run, one sentence each
 * @throws UsageError when something cannot be written
 */
export function writePatches(
  directory: PatchDirectory,
  form: PatchForm,
  facts: Facts,
  patches: readonly FormedPatch[],
  fixes: WholeRunFixes,
): string[] {
  directory.expectSameDomains(facts);
  const domains = patches.map((patch) => {
    if (patch.body === null) return describePatch(patch, null);
    const file = { name: directory.freeName(patch.fileName, form.extension), text: patchText(form, patch) };
    directory.write(file.name, file.text);
    return describePatch(patch, file);
  });
  const otherFiles = [
    ...writeFixes(directory, 'host-fixes.txt', fixes.hostFixes.map(hostFixLines)),
    ...writeFixes(directory, 'guest-fixes.txt', fixes.guestFixes.map(guestFixLines)),
  ];
  const said = directory.removeStale();
  const manifest = describeRun(facts, form.format, domains, fixes, otherFiles);
  directory.write(MANIFEST_FILE, `${printableJson(JSON.stringify(manifest, null, 1))}\n`);
  return [...said, summary(directory, patches)];
}

/** How many there are, and what to do with them where libvirt has the domains. */
function summary({ path }: PatchDirectory, patches: readonly FormedPatch[]): string {
  const written = patches.filter(({ body }) => body !== null);
  const count = `wrote ${written.length} ${written.length === 1 ? 'patch' : 'patches'} and ${MANIFEST_FILE} to ${path}`;
  const isLive = written.some(({ made }) => made !== null && made.uri !== null && !made.isSaved);
  if (!isLive) return count;
  return `${count}; virt-clock-audit apply --reviewed ${shellWord(join(path, MANIFEST_FILE))} makes these changes`;
}

function writeFixes(
  directory: PatchDirectory,
  file: string,
  fixes: readonly (readonly FixLine[])[],
): OtherFile[] {
  if (fixes.length === 0) return [];
  const text = fixesText(fixes);
  directory.write(file, text);
  return [{ file, fileSha256: sha256(text) }];
}
