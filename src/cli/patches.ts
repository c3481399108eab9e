import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DEFINITION_CHECKS } from '../checks/registry.js';
import type { Facts } from '../facts/facts.js';
import { leftAlone } from '../policy/judgement.js';
import type { Policy } from '../policy/policy.js';
import { type DomainPatch, patchDomain } from '../remediation/domainPatch.js';
import { diffForm } from '../remediation/forms/diff.js';
import { printable } from '../report/printable.js';
import { hostOf } from './judge.js';
import { replaceFile } from './output.js';
import { libvirtVersions, situationOf } from './situation.js';
import { UsageError } from './usageError.js';

/** The patches for all domains of an audit, also those without a diff; what is waived is left as it is. */
export function planPatches(facts: Facts, policy: Policy): DomainPatch[] {
  const host = hostOf(facts);
  const versionFor = libvirtVersions(facts);
  const ids = DEFINITION_CHECKS.map(({ id }) => id);
  return facts.domains.map((domain) => {
    const libvirtVersion = versionFor(domain);
    const { inactive, live } = situationOf(domain, libvirtVersion, policy).definitions;
    const fact = inactive ?? live;
    return patchDomain(domain, fact?.known ? fact.value : null, {
      libvirtVersion,
      host,
      policy,
      leaveAlone: leftAlone(policy, facts.collectedAt, ids, domain),
    });
  });
}

/** A patch with what must be known about it. `patch` and `git apply` skip the lines before the diff. */
export function renderPatch({ domain, made, mends, refused, remarks }: DomainPatch): string {
  const about = `# domain ${printable(domain)}`;
  if (made === null) return `${about}: no patch: ${printable(refused ?? 'nothing to fix')}\n`;
  const heading = [
    `${about}: makes ${mends.join(', ')} pass`,
    ...remarks.map((remark) => `# ${printable(remark)}`),
  ];
  return `${heading.join('\n')}\n${diffForm.render(made)}`;
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
export function writePatches(directory: string, facts: Facts, policy: Policy): void {
  const taken = new Set<string>();
  for (const patch of planPatches(facts, policy)) {
    if (patch.made === null) continue;
    let name = patch.fileName;
    for (let copy = 2; taken.has(name); copy++) name = `${patch.fileName}-${copy}`;
    taken.add(name);
    replaceFile(join(directory, `${name}.patch`), renderPatch(patch));
  }
}
