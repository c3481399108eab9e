import { join } from 'node:path';
import type { MadePatch } from '../../src/remediation/forms/form.js';
import { rfc5261Form } from '../../src/remediation/forms/rfc5261.js';
import { PYTHON } from './requirement.js';
import { runProcess } from './runTool.js';

/** What a patch is to be applied to, and what that should make of it. */
export interface AppliedCase {
  readonly document: string;
  readonly patch: string;
  readonly wanted: string;
}

/** What came of it, and what is wrong with that; null where nothing is. */
export interface AppliedAnswer {
  readonly document?: string;
  readonly wrong: string | null;
}

/** Applies XML patch operations with libxml2's XPath; see the first lines of that program. */
export async function applyOperations(cases: readonly AppliedCase[]): Promise<AppliedAnswer[]> {
  const program = join(import.meta.dirname, 'rfc5261.py');
  const { stdout, stderr } = await runProcess(PYTHON, [program], { input: JSON.stringify(cases) });
  if (stderr !== '') throw new Error(stderr);
  return JSON.parse(stdout);
}

/** A patch in that form, for {@link applyOperations}. */
export function appliedCase(made: MadePatch): AppliedCase {
  const [document, wanted] = [made.before, made.after].map((text) => text.replace(/^\uFEFF/, ''));
  return { document: document ?? '', patch: rfc5261Form.render(made), wanted: wanted ?? '' };
}
