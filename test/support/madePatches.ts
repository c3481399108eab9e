import { hostLeftOut } from '../../src/facts/host.js';
import { DEFAULT_POLICY } from '../../src/policy/policy.js';
import type { MadePatch } from '../../src/remediation/forms/form.js';
import { type PatchContext, planPatch } from '../../src/remediation/patch.js';

/** What is known about nothing but a definition. */
export const NO_HOST: PatchContext = {
  libvirtVersion: null,
  host: hostLeftOut('not asked for'),
  policy: DEFAULT_POLICY,
};

/** The patch for a definition, as it is made for a file unless something else is said; null where there is none. */
export function madePatch(
  before: string,
  about: Partial<MadePatch> = {},
  context: PatchContext = NO_HOST,
): MadePatch | null {
  const plan = planPatch(before, context);
  if (plan.kind !== 'patch') return null;
  const { after, steps } = plan;
  return {
    domain: /<name>([^<]*)/.exec(before)?.[1] ?? '',
    uuid: /<uuid>([^<]*)/.exec(before)?.[1] ?? null,
    uri: null,
    path: 'domain.xml',
    before,
    after,
    steps,
    lacksSecrets: false,
    ...about,
  };
}

/** The same where there has to be one. */
export function requiredPatch(...args: Parameters<typeof madePatch>): MadePatch {
  const made = madePatch(...args);
  if (!made) throw new Error(`nothing is mended in ${args[0]}`);
  return made;
}
