import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Facts } from '../facts/facts.js';
import { DEFAULT_THRESHOLDS } from '../policy/thresholds.js';
import { type DomainPatch, patchDomain } from '../remediation/domainPatch.js';
import { printable } from '../report/printable.js';
import { hostOf, libvirtVersions, readDefinitions } from './judge.js';
import { replaceFile } from './output.js';
import { UsageError } from './usageError.js';

/** The patches for all domains of an audit, also those without a diff. */
export function planPatches(facts: Facts): DomainPatch[] {
  const host = hostOf(facts);
  const versionFor = libvirtVersions(facts);
  return facts.domains.map((domain) => {
    const libvirtVersion = versionFor(domain);
    const { inactive, live } = readDefinitions(domain, libvirtVersion);
    const fact = inactive ?? live;
    return patchDomain(domain, fact?.known ? fact.value : null, {
      libvirtVersion,
      host,
      thresholds: DEFAULT_THRESHOLDS,
    });
  });
}

/** A patch with what must be known about it. `patch` and `git apply` skip the lines before the diff. */
export function renderPatch({ domain, diff, mends, refused, remarks }: DomainPatch): string {
  const about = `# domain ${printable(domain)}`;
  if (diff === null) return `${about}: no patch: ${printable(refused ?? 'nothing to fix')}\n`;
  const heading = [
    `${about}: makes ${mends.join(', ')} pass`,
    ...remarks.map((remark) => `# ${printable(remark)}`),
  ];
  return `${heading.join('\n')}\n${diff}`;
}

/**
 * Makes the directory for {@link writePatches}, before anything else is done.
 * @throws UsageError when it cannot be made
 */
export function makePatchDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (error) {
    throw new UsageError(`cannot make the directory ${directory}: ${(error as Error).message}`);
  }
}

/**
 * Writes one `.patch` file a domain.
 * @throws UsageError when one cannot be written
 */
export function writePatches(directory: string, facts: Facts): void {
  const taken = new Set<string>();
  for (const patch of planPatches(facts)) {
    if (patch.diff === null) continue;
    let name = patch.fileName;
    for (let copy = 2; taken.has(name); copy++) name = `${patch.fileName}-${copy}`;
    taken.add(name);
    replaceFile(join(directory, `${name}.patch`), renderPatch(patch));
  }
}
