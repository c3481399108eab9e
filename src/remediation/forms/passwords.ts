import { child, childrenNamed, parseXml } from '../../domxml/tree.js';
import { FormUnavailable, type MadePatch, type PatchFormat } from './form.js';

/**
 * The types of `<graphics>` that may have a `passwd`. libvirt writes it, and `passwdValidTo`, only with
 * `VIR_DOMAIN_XML_SECURE` (virDomainGraphicsAuthDefFormatAttr in libvirt's src/conf/domain_conf.c); all other secrets
 * are only named in a definition and stored as virSecret.
 */
const WITH_PASSWORD: ReadonlySet<string> = new Set(['vnc', 'spice', 'rdp']);

/**
 * Refuses to give out a whole definition that may lack a password: defining it would erase the one that is there.
 * @throws FormUnavailable
 */
export function keepPasswords({ after, lacksSecrets, isSaved }: MadePatch): void {
  if (!lacksSecrets) return;
  const [type] = withoutPassword(after);
  if (type === undefined) return;
  const advice = isSaved
    ? 'saved facts never have it: run remediate on the hypervisor itself with --security-info, or use --format diff or virt-xml, or apply there'
    : 'add --security-info, which needs a read-write connection, or use apply or --format virt-xml';
  throw new FormUnavailable(
    `defining it would erase the password of its ${type} graphics, which libvirt leaves out of what it shows; ${advice}`,
  );
}

/**
 * What to know about passwords that a text may lack: nothing tells whether a file was dumped with them. One line each.
 */
export function passwordRemarks({ after, lacksSecrets, uri }: MadePatch, format: PatchFormat): string[] {
  // virt-xml reads the definition itself, with its passwords; the forms that define all of it are withheld.
  if (format === 'virt-xml' || (uri !== null && !lacksSecrets)) return [];
  const [type] = withoutPassword(after);
  if (type === undefined) return [];
  return [
    uri === null
      ? `has a ${type} display without a password: if this text was dumped without --security-info, defining it erases the password`
      : `has a ${type} display: apply it only to a text that was dumped with --security-info, for defining one without erases the password`,
  ];
}

/** The types of the displays that could have a password, and have none in this text. */
function withoutPassword(text: string): string[] {
  if (!text.includes('<graphics')) return [];
  return childrenNamed(child(readDevices(text), 'devices'), 'graphics').flatMap(({ attributes }) => {
    const { type = '', passwd } = attributes;
    return WITH_PASSWORD.has(type) && passwd === undefined ? [type] : [];
  });
}

function readDevices(text: string) {
  return parseXml(text, (parent, name) => name === 'devices' || parent.name === 'devices');
}
