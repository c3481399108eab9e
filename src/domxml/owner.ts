import type { Owner } from '../facts/definition.js';
import { child, localName, namespaceOf, type XmlElement } from './tree.js';

/**
 * Finds the management layer by the namespace of what it leaves in `<metadata>`; prefixes are free.
 * nova moved from `…/nova/1.0` to `…/nova/1.1`, so it is matched by the part that stays.
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

/** The `<metadata>` children of a namespace, by the start of its URI. */
export function metadataOf(domain: XmlElement, uri: string): XmlElement | undefined {
  return child(domain, 'metadata')?.children.find((it) => namespaceOf(it)?.startsWith(uri));
}

/** Reads who owns a domain's definition. */
export function readOwner(domain: XmlElement): Owner {
  for (const layer of LAYERS) {
    const metadata = metadataOf(domain, layer.uri);
    if (!metadata) continue;
    const { kind, label } = layer;
    const rewrittenBy = 'rewrittenBy' in layer ? { rewrittenBy: layer.rewrittenBy } : {};
    return { kind, label, ...rewrittenBy, ...(kind === 'nova' ? readNovaInstance(metadata) : {}) };
  }
  return { kind: 'none', label: 'nobody known' };
}

function readNovaInstance(instance: XmlElement): Partial<Owner> {
  const named = (parent: XmlElement | undefined, name: string) =>
    parent?.children.find((element) => localName(element) === name);
  const instanceName = named(instance, 'name')?.text.trim();
  const flavor = named(instance, 'flavor')?.attributes.name;
  const project = named(named(instance, 'owner'), 'project')?.text.trim();
  return {
    ...(instanceName && { instanceName }),
    ...(flavor && { flavor }),
    ...(project && { project }),
  };
}
