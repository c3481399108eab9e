import { diffForm } from './diff.js';
import type { PatchForm } from './form.js';

/** The forms of a patch, by name. */
export const FORMS: Readonly<Partial<Record<string, PatchForm>>> = { diff: diffForm };
