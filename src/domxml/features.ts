import { childrenNamed, type XmlElement } from './tree.js';

/** libvirt reads the children of every `<features>` there is. */
function featuresNamed(domain: XmlElement, name: string): XmlElement[] {
  return childrenNamed(domain, 'features').flatMap((features) => childrenNamed(features, name));
}

/** The `<hidden>` that decides whether the guest sees KVM's CPUID signature: the last of all `<kvm>`. */
export function hiddenElement(domain: XmlElement): XmlElement | undefined {
  return featuresNamed(domain, 'kvm')
    .flatMap((kvm) => childrenNamed(kvm, 'hidden'))
    .at(-1);
}

/** All `<hyperv>` elements. */
export function hypervElements(domain: XmlElement): XmlElement[] {
  return featuresNamed(domain, 'hyperv');
}
