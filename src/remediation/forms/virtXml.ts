import { sha256 } from '../../facts/sha256.js';
import { FormUnavailable, type MadePatch, type PatchForm } from './form.js';
import { shellWord } from './shellWord.js';
import { pathOptions } from './virtXmlPaths.js';
import { optionSettings } from './virtXmlSettings.js';

/**
 * One call of virt-xml, so that all of it is done or nothing. virt-xml reads the definition with `VIR_DOMAIN_XML_SECURE`,
 * so that passwords are kept (get_xmldesc in virtinst's virtinst/cli.py). With `--define` it makes the changes of `--xml`
 * twice, for it asks twice for the changed text (prepare_changes and define_changes in virtinst/virtxml.py): what would
 * delete two elements then is only printed by it, which is done once, and defined by virsh.
 * @see virt-xml(1)
 */
export const virtXmlForm: PatchForm = {
  format: 'virt-xml',
  extension: '.sh',
  description: 'a virt-xml command line, for a POSIX shell',
  comment: (line) => `# ${line}`,
  render(patch) {
    const { uri, uuid, domain, before, lacksSecrets } = patch;
    if (uri === null) {
      throw new FormUnavailable(
        'virt-xml changes domains that libvirt has, and this definition is a file; use --format diff or xml',
      );
    }
    const { options, isRepeatable, remarks } = optionSettings(patch) ?? pathOptions(patch);
    const [connect, id] = [`--connect ${shellWord(uri)}`, shellWord(uuid ?? domain)];
    const name = shellWord(target(patch));
    const dump = `virsh ${connect} dumpxml --inactive${lacksSecrets ? '' : ' --security-info'} ${id}`;
    return `${[
      ...remarks.map((remark) => `# ${remark}`),
      '# Numbers only fit the definition that was read: with any other one, as after a first run, nothing is changed.',
      `[ "$(printf %s "$(${dump})" | sha256sum)" = '${checksum(before)}  -' ] ||`,
      `  { printf '%s\\n' ${shellWord(`${uuid ?? domain}: not the definition that was read; nothing is changed`)} >&2; false; } &&`,
      ...(isRepeatable
        ? [`  virt-xml ${connect} ${options.join(' ')} --define -- ${name}`]
        : [
            `  PYTHONUTF8=1 virt-xml ${connect} ${options.join(' ')} --print-xml -- ${name} |`,
            `  virsh ${connect} define /dev/stdin`,
          ]),
    ].join('\n')}\n`;
  },
};

/** As `$(...)` and `printf %s` hand it on: without the line ends at its end. */
function checksum(text: string): string {
  return sha256(text.replace(/\n+$/, ''));
}

/**
 * virt-xml looks for a domain of that name first and then for the UUID (get_domain_and_guest in virtinst's
 * virtinst/cli.py), so that a domain that is called like the UUID of another would be taken for it. The name is therefore
 * the safer one, but where it cannot be seen whole.
 */
function target({ domain, uuid }: MadePatch): string {
  return /^\P{C}+$/u.test(domain) ? domain : (uuid ?? domain);
}
