import type { PatchForm } from './form.js';
import { keepPasswords } from './passwords.js';

/** The whole patched definition, to the letter. */
export const xmlForm: PatchForm = {
  format: 'xml',
  extension: '.xml',
  description: 'the whole patched definition, for virsh define',
  // A comment may not stand before an XML declaration, nor does virsh define keep one.
  comment: null,
  render(patch) {
    keepPasswords(patch);
    return patch.after.endsWith('\n') ? patch.after : `${patch.after}\n`;
  },
};
