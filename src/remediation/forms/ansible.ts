import { Document, Scalar } from 'yaml';
import { child, parseXml } from '../../domxml/tree.js';
import { FormUnavailable, type PatchForm } from './form.js';
import { keepPasswords } from './passwords.js';

/**
 * A list of tasks with `community.libvirt.virt`. Its `define` replaces the definition of an existing domain and reports a
 * change when libvirt's text of it differs afterwards; it does nothing in check mode. Version 1.2, for one, takes the error
 * that there is another domain of that name for "nothing to do" (core in plugins/modules/virt.py), hence the UUID has to be
 * there.
 * @see {@link https://docs.ansible.com/ansible/latest/collections/community/libvirt/virt_module.html}
 */
export const ansibleForm: PatchForm = {
  format: 'ansible',
  extension: '.yml',
  description: 'a list of Ansible tasks, for the collection community.libvirt',
  comment: (line) => `# ${line}`,
  render(patch) {
    keepPasswords(patch);
    const { after, domain, uuid, uri } = patch;
    // lxml refuses a text that declares an encoding, once it has been decoded.
    const xml = after.replace(/^\uFEFF?<\?xml[^>]*\?>\s*/, '');
    if (!hasUuid(xml)) {
      throw new FormUnavailable(
        'without a <uuid> libvirt takes it for another domain than the one of that name; add it to the file',
      );
    }
    const tasks = [
      {
        name: unsafe(`Define domain ${domain || uuid} with the timekeeping patch`),
        'community.libvirt.virt': {
          command: 'define',
          ...(uri !== null && { uri: unsafe(uri) }),
          xml: unsafe(xml.endsWith('\n') ? xml : `${xml}\n`),
        },
      },
    ];
    const document = new Document(tasks);
    return `${[
      '# Replaces the whole definition: what was changed since it was read is undone.',
      '# Needs the collection community.libvirt, and python3-libvirt and python3-lxml on the hypervisor.',
    ].join('\n')}\n${escapeSpecial(document.toString({ lineWidth: 0 }))}`;
  },
};

/**
 * A value from a definition: tagged `!unsafe`, Ansible never looks for Jinja2 templates in it.
 * @see {@link https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_advanced_syntax.html#unsafe-or-raw-strings}
 */
function unsafe(value: string): Scalar<string> {
  const scalar = new Scalar(value);
  scalar.tag = '!unsafe';
  scalar.type = value.includes('\n') && !SPECIAL.test(value) ? Scalar.BLOCK_LITERAL : Scalar.QUOTE_DOUBLE;
  return scalar;
}

/**
 * What YAML 1.1, which PyYAML reads, does not allow or takes for a line break (section 5.1 and 5.4 of its specification).
 */
const SPECIAL = /[\r\x7f-\x9f\u2028\u2029\ufeff]/;

/** Such characters only come up between double quotes, where an escape says the same. */
function escapeSpecial(text: string): string {
  return text.replace(
    new RegExp(SPECIAL, 'g'),
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function hasUuid(xml: string): boolean {
  const domain = parseXml(xml, (parent, name) => parent.name === 'domain' && name === 'uuid');
  return (child(domain, 'uuid')?.text.trim() ?? '') !== '';
}
