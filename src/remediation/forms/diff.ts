import { unifiedDiff } from '../unifiedDiff.js';
import type { PatchForm } from './form.js';

/** A unified diff: `patch -p1` and `git apply` skip the remarks before it. */
export const diffForm: PatchForm = {
  format: 'diff',
  extension: '.patch',
  description: 'a unified diff for patch -p1 or git apply',
  comment: (line) => `# ${line}`,
  render: ({ path, before, after }) => unifiedDiff(path, before, after),
};
