import { childrenNamed, type XmlElement } from './tree.js';

/** libvirt reads the children of every `<features>` there is. */
function featuresNamed(domain: XmlElement, name: string): XmlElement[] {
  return childrenNamed(domain, 'features').flatMap((features) => childrenNamed(features, name));
}

/** The `<hidden>` that decides whether the guest sees KVM's CPUID signature: the last one of the last `<kvm>`. */
export function hiddenElement(domain: XmlElement): XmlElement | undefined {
  return childrenNamed(kvmElements(domain).at(-1), 'hidden').at(-1);
}

/** All `<kvm>` elements; each replaces the one before it. */
export function kvmElements(domain: XmlElement): XmlElement[] {
  return featuresNamed(domain, 'kvm');
}

/** All `<hyperv>` elements; their children add up. */
export function hypervElements(domain: XmlElement): XmlElement[] {
  return featuresNamed(domain, 'hyperv');
}

/** The `mode` of the last `<hyperv>`; without one it is `custom`. */
export function hypervMode(domain: XmlElement): string | undefined {
  const last = hypervElements(domain).at(-1);
  return last && (last.attributes.mode ?? 'custom');
}

/** All `<ioapic>` elements. */
export function ioapicElements(domain: XmlElement): XmlElement[] {
  return featuresNamed(domain, 'ioapic');
}

/** The `driver` of the last `<ioapic>`; one without it takes back what another said. */
export function ioapicDriver(domain: XmlElement): string | undefined {
  return ioapicElements(domain).at(-1)?.attributes.driver;
}

/** QEMU's CPU properties for the children of `<hyperv>` that are on in the end, sorted by libvirt's own order. */
export function enlightenmentProperties(domain: XmlElement): string[] {
  const states = new Map<string, string | undefined>();
  let direct: string | undefined;
  for (const { name, attributes, children } of hypervElements(domain).flatMap((hyperv) => hyperv.children)) {
    states.set(name, attributes.state);
    // libvirt only looks into a <stimer> that is on, and remembers what it found there even if a later one is off.
    if (name === 'stimer' && attributes.state === 'on') {
      direct = children.findLast((it) => it.name === 'direct')?.attributes.state ?? direct;
    }
  }
  const properties = [...states].filter(([, state]) => state === 'on').map(([name]) => name);
  if (direct === 'on') properties.push('stimer-direct');
  return properties.map((name) => `hv-${name.replaceAll('_', '-')}`);
}
