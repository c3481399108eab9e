import { ansibleForm } from './ansible.js';
import { diffForm } from './diff.js';
import type { PatchForm, PatchFormat } from './form.js';
import { rfc5261Form } from './rfc5261.js';
import { virtXmlForm } from './virtXml.js';
import { xmlForm } from './xml.js';

/** The forms of a patch, by name. */
export const FORMS: Readonly<Record<PatchFormat, PatchForm>> = {
  diff: diffForm,
  xml: xmlForm,
  rfc5261: rfc5261Form,
  'virt-xml': virtXmlForm,
  ansible: ansibleForm,
};
