import type { Owner } from '../facts/definition.js';
import { child, localName, namespaceOf, type XmlElement } from './tree.js';

/**
 * Finds the management layer by the namespace of what it leaves in `<metadata>`; prefixes are free.
 * nova moved from `…/nova/1.0` to `…/nova/1.1`, and oVirt has `…/vm/1.0` and `…/vm/tune/1.0`, so both are matched
 * by the part that stays. Names of domains prove nothing: anybody may write `namespace_name`.
 */
const LAYERS = [
  {
    kind: 'nova',
    uri: 'http://openstack.org/xmlns/libvirt/nova/',
    label: 'OpenStack nova',
    rewrittenBy: 'nova rewrites it at the next hard reboot, stop and start, resize or cold migration',
  },
  {
    kind: 'ovirt',
    uri: 'http://ovirt.org/vm/',
    label: 'oVirt',
    rewrittenBy: 'the oVirt engine rewrites it whenever it starts the VM',
  },
  {
    kind: 'kubevirt',
    uri: 'http://kubevirt.io',
    label: 'KubeVirt',
    rewrittenBy: 'KubeVirt rewrites it whenever the VirtualMachineInstance starts',
  },
  { kind: 'libosinfo', uri: 'http://libosinfo.org/', label: 'virt-manager or virt-install' },
] as const;

/** Tenants choose these texts; a longer one is cut, as OpenStack's own database would. */
const LONGEST_TEXT = 255;
/** What is kept of an image's properties, of which a tenant may set any number. */
const MOST_PROPERTIES = 64;

/** The `<metadata>` child of a namespace, by the start of its URI; of several versions the latest. */
export function metadataOf(domain: XmlElement, uri: string): XmlElement | undefined {
  let found: XmlElement | undefined;
  let version = '';
  for (const element of child(domain, 'metadata')?.children ?? []) {
    const namespace = namespaceOf(element);
    if (namespace === undefined || !isBelow(namespace, uri) || (found && namespace <= version)) continue;
    found = element;
    version = namespace;
  }
  return found;
}

function isBelow(namespace: string, uri: string): boolean {
  return namespace === uri || namespace.startsWith(uri.endsWith('/') ? uri : `${uri}/`);
}

/** Reads who owns a domain's definition. */
export function readOwner(domain: XmlElement): Owner {
  for (const layer of LAYERS) {
    const { kind, label, uri } = layer;
    const metadata = metadataOf(domain, uri) ?? (kind === 'kubevirt' ? bareKubevirt(domain) : undefined);
    if (!metadata) continue;
    const rewrittenBy = 'rewrittenBy' in layer ? { rewrittenBy: layer.rewrittenBy } : {};
    return { kind, label, ...rewrittenBy, ...(kind === 'nova' ? readNovaInstance(metadata) : {}) };
  }
  return { kind: 'none', label: 'nobody known' };
}

/** KubeVirt's element where a tool that does not know namespaces has passed it on. */
function bareKubevirt(domain: XmlElement): XmlElement | undefined {
  return child(child(domain, 'metadata'), 'kubevirt');
}

/** @see `LibvirtConfigGuestMetaNovaInstance` in nova's nova/virt/libvirt/config.py */
function readNovaInstance(instance: XmlElement): Partial<Owner> {
  const project = named(named(instance, 'owner'), 'project');
  const flavor = named(instance, 'flavor');
  const extraSpecs = readProperties(named(flavor, 'extraSpecs'), 'extraSpec');
  const properties = readProperties(named(named(instance, 'image'), 'properties'), 'property');
  const root = named(instance, 'root');
  return {
    ...optional('instanceName', named(instance, 'name')?.text),
    ...optional('flavor', flavor?.attributes.name),
    ...optional('flavorId', flavor?.attributes.id),
    ...(extraSpecs && { flavorExtraSpecs: extraSpecs }),
    // What the instance boots from: without an image there, a volume.
    ...optional('imageUuid', root?.attributes.type === 'image' ? root.attributes.uuid : undefined),
    ...optional('project', project?.text),
    ...optional('projectUuid', project?.attributes.uuid),
    ...(properties && { imageProperties: properties }),
  };
}

/** nova writes the properties of the image and the extra specs of the flavour since its 2025.2 release. */
function readProperties(
  properties: XmlElement | undefined,
  name: 'property' | 'extraSpec',
): Readonly<Record<string, string>> | null {
  const entries = (properties?.children ?? [])
    .filter((element) => localName(element) === name && element.attributes.name)
    .map(({ attributes, text }): [string, string] => [limit(attributes.name ?? ''), limit(text)]);
  if (entries.length === 0) return null;
  // Those that nova itself acts on must not be crowded out by a tenant's own.
  const weighty = entries.filter(([key]) => ACTED_ON.test(key));
  const others = entries.filter(([key]) => !ACTED_ON.test(key));
  return Object.fromEntries([...weighty, ...others].slice(0, MOST_PROPERTIES));
}

const ACTED_ON =
  /^(os_(type|distro)|hw_time_hpet|hw_qemu_guest_agent|hw_machine_type|img_hide_hypervisor_id|(hw:)?hide_hypervisor_id)$/;

function named(parent: XmlElement | undefined, name: string): XmlElement | undefined {
  return parent?.children.find((element) => localName(element) === name);
}

function optional<Name extends string>(name: Name, text: string | undefined): { [name in Name]?: string } {
  const value = limit(text ?? '');
  return value === '' ? {} : ({ [name]: value } as { [name in Name]: string });
}

/** Trims and cuts a text, never through the middle of a character. */
function limit(text: string): string {
  const value = text.trim();
  return value.length > LONGEST_TEXT ? value.slice(0, LONGEST_TEXT).replace(/[\uD800-\uDBFF]$/, '') : value;
}
