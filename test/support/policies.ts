import { CHECKS } from '../../src/checks/registry.js';
import { isGlob, matcher } from '../../src/cli/domainSelection.js';
import { readFileLayer } from '../../src/policy/fileLayer.js';
import type { PolicyLayer } from '../../src/policy/layer.js';
import type { Mistake } from '../../src/policy/origin.js';
import { matchesExactly, type Policy } from '../../src/policy/policy.js';
import { type EffectivePolicy, patternsOf, resolvePolicy } from '../../src/policy/resolve.js';

/** What some layers come to, the one that counts least first. */
export async function resolved(
  ...layers: PolicyLayer[]
): Promise<{ effective: EffectivePolicy; mistakes: Mistake[] }> {
  const globs = new Map(
    await Promise.all(
      patternsOf(layers)
        .filter(isGlob)
        .map(async (it) => [it, await matcher(it)] as const),
    ),
  );
  return resolvePolicy(layers, {
    checkIds: CHECKS.map(({ id }) => id),
    matches: (pattern, candidate) => globs.get(pattern)?.(candidate) ?? matchesExactly(pattern, candidate),
    sources: ['policy.yaml'],
  });
}

/** Every mistake in a configuration file called `policy.yaml`, as `line:column: message`. */
export async function mistakesIn(yaml: string): Promise<string[]> {
  const file = readFileLayer(yaml, 'policy.yaml');
  const { mistakes } = await resolved(file.layer);
  return [...file.mistakes, ...mistakes].map(({ place, message }) => {
    if (!place.startsWith('policy.yaml:')) throw new Error(`no place in the file: ${place}`);
    return `${place.slice('policy.yaml:'.length)}: ${message}`;
  });
}

/** The policy of a configuration file without mistakes. */
export async function policyOf(yaml: string): Promise<Policy> {
  const wrong = await mistakesIn(yaml);
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  return (await resolved(readFileLayer(yaml, 'policy.yaml').layer)).effective.policy;
}
