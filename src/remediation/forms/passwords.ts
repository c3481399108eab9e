import { child, childrenNamed, parseXml } from '../../domxml/tree.js';
import { FormUnavailable, type MadePatch } from './form.js';

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
export function keepPasswords({ after, lacksSecrets }: MadePatch): void {
  if (!lacksSecrets) return;
  const graphics = childrenNamed(child(readDevices(after), 'devices'), 'graphics');
  const types = graphics
    .map(({ attributes }) => attributes.type ?? '')
    .filter((type) => WITH_PASSWORD.has(type));
  if (types.length === 0) return;
  throw new FormUnavailable(
    `defining it would erase the password of its ${types[0]} graphics, which libvirt leaves out of what it shows;` +
      ' add --security-info, which needs a read-write connection, or use apply or --format virt-xml',
  );
}

function readDevices(text: string) {
  return parseXml(text, (parent, name) => name === 'devices' || parent.name === 'devices');
}
