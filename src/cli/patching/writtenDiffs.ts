import type { Facts } from '../../facts/facts.js';
import type { Policy } from '../../policy/policy.js';
import { diffForm } from '../../remediation/forms/diff.js';
import { complain } from '../problems.js';
import type { PatchDirectory } from './patchDirectory.js';
import { planPatches } from './patches.js';
import { inForm } from './patchText.js';
import { whyUnproven } from './schemaProof.js';
import { wholeRunFixes } from './wholeRunFixes.js';
import { writePatches } from './writtenPatches.js';

/**
 * Writes what `audit --patch` asks for: the same as `remediate --output`, as diffs.
 * @throws UsageError when something cannot be written
 */
export async function writeDiffs(directory: PatchDirectory, facts: Facts, policy: Policy): Promise<void> {
  const patches = (await planPatches(facts, policy)).map((patch) => inForm(diffForm, patch));
  const said = writePatches(directory, diffForm, facts, patches, wholeRunFixes(facts, policy, null));
  for (const line of said) complain(line);
  const unproven = whyUnproven(patches);
  if (unproven !== null) complain(unproven);
}
