import { dirname, normalize } from 'node:path';
import type { DomainFacts } from '../../facts/domain.js';
import type { Facts } from '../../facts/facts.js';
import { printable } from '../../report/printable.js';
import { type ManifestDomain, readManifest } from './patchManifest.js';

/** What an earlier run left in a directory of patches. */
export interface EarlierRun {
  /** The files that it wrote, with their checksums. */
  readonly files: ReadonlyMap<string, string>;
  /** The domains that it has patches for. */
  readonly patched: readonly EarlierDomain[];
}

type EarlierDomain = Pick<ManifestDomain, 'name' | 'uuid' | 'source'>;

/** A directory in which nothing was. */
export const NO_EARLIER_RUN: EarlierRun = { files: new Map(), patched: [] };

/**
 * Reads what a manifest names.
 * @returns null for a text that is no manifest of this tool
 */
export function readEarlierRun(text: string): EarlierRun | null {
  const manifest = readManifest(text);
  if (typeof manifest === 'string') return null;
  const { domains, otherFiles } = manifest;
  const files = new Map<string, string>();
  for (const { file, fileSha256 } of [...domains, ...otherFiles]) {
    if (file !== null && fileSha256 !== null) files.set(file, fileSha256);
  }
  return { files, patched: domains.filter(({ file }) => file !== null) };
}

/**
 * Why this run may not take the place of an earlier one: that has patches for domains which this one did not look at, so
 * that nobody knows whether they are out of date. null where every domain was looked at, or is gone.
 * @param facts - what this run has read
 */
export function untold({ patched }: EarlierRun, facts: Facts): string | null {
  const others = patched.filter(
    (it) => !facts.domains.some((domain) => isSame(it, domain)) && mayStillBeThere(it, facts),
  );
  if (others.length === 0) return null;
  const names = others.slice(0, 3).map(({ name }) => printable(name));
  const more = others.length > names.length ? ', …' : '';
  const what =
    others.length === 1 ? 'a patch for another domain' : `patches for ${others.length} other domains`;
  return `${what} of an earlier run (${names.join(', ')}${more}), which this run did not look at`;
}

function isSame(it: EarlierDomain, { name, uuid, source }: DomainFacts): boolean {
  if (it.uuid !== null && uuid !== undefined) return it.uuid === uuid;
  return it.source === source && it.name === name;
}

/** A domain is gone for certain only where all of its source was looked at. */
function mayStillBeThere(
  { source }: EarlierDomain,
  { narrowed, problems, sources, domains }: Facts,
): boolean {
  if (source === '-') return true;
  // A file that holds another domain now.
  if (domains.some((domain) => domain.source === source && sources.every(({ kind }) => kind === 'files'))) {
    return false;
  }
  if (narrowed || problems.length > 0) return true;
  return !sources.some(
    ({ kind, location }) =>
      location === source || (kind === 'files' && dirname(normalize(source)) === normalize(`${location}/.`)),
  );
}
