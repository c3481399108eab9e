import { localName, namespaceOf, type XmlElement } from './tree.js';

/** What `qemu:commandline` and `qemu:capabilities` add to a domain, with the elements they stand in. */
export interface Passthrough {
  readonly args: readonly { readonly value: string; readonly element: XmlElement }[];
  readonly env: readonly { readonly name: string; readonly value: string; readonly element: XmlElement }[];
  readonly addedCapabilities: readonly string[];
  readonly deletedCapabilities: readonly string[];
  /** The same of both; empty for an element without a name. */
  readonly capabilityNames: readonly string[];
}

/** libvirt matches this URI, whatever prefix it is bound to, and ignores any other. */
const QEMU_NAMESPACE = 'http://libvirt.org/schemas/domain/qemu/1.0';

/**
 * Reads the QEMU driver's own elements.
 * @see {@link https://libvirt.org/drvqemu.html#pass-through-of-arbitrary-qemu-commands}
 */
export function readPassthrough(domain: XmlElement): Passthrough {
  const own = (parent: XmlElement, name: string) =>
    parent.children.filter(
      (element) => localName(element) === name && namespaceOf(element) === QEMU_NAMESPACE,
    );
  const commandlines = own(domain, 'commandline');
  const capabilities = own(domain, 'capabilities');
  const named = (name: string) =>
    capabilities.flatMap((element) => own(element, name)).map((it) => it.attributes.capability ?? '');
  const [addedCapabilities, deletedCapabilities] = [named('add'), named('del')];
  return {
    args: commandlines
      .flatMap((element) => own(element, 'arg'))
      .map((element) => ({ value: element.attributes.value ?? '', element })),
    env: commandlines
      .flatMap((element) => own(element, 'env'))
      .map((element) => ({
        name: element.attributes.name ?? '',
        value: element.attributes.value ?? '',
        element,
      })),
    addedCapabilities,
    deletedCapabilities,
    capabilityNames: [...addedCapabilities, ...deletedCapabilities],
  };
}
