import { hiddenElement, hypervElements } from '../domxml/features.js';
import { child, childrenNamed, type XmlElement } from '../domxml/tree.js';
import type { NewElement } from './change.js';
import type { Operation } from './operation.js';

/** Shows KVM's signature. */
export function showKvm(domain: XmlElement): Operation[] {
  const hidden = hiddenElement(domain);
  return hidden ? [{ kind: 'set-attribute', element: hidden, attribute: 'state', value: 'off' }] : [];
}

/** Without the element the bit is there, by libvirt's and QEMU's default. */
export function showHypervisor(domain: XmlElement): Operation[] {
  return childrenNamed(child(domain, 'cpu'), 'feature')
    .filter(({ attributes }) => attributes.name === 'hypervisor')
    .map((feature) => ({ kind: 'remove-element', element: feature }));
}

/**
 * Switches Hyper-V enlightenments on: those that are off where they stand, of several the last one since that decides;
 * the others at the end of the last `<hyperv>`.
 * @param names - libvirt's element names, in the order in which they build on each other
 */
export function enableEnlightenments(domain: XmlElement, names: readonly string[]): Operation[] {
  const blocks = hypervElements(domain);
  const children = blocks.flatMap((hyperv) => hyperv.children);
  const operations: Operation[] = [];
  const missing: NewElement[] = [];
  for (const name of names) {
    const element = children.findLast((it) => it.name === name);
    if (!element) missing.push({ name, attributes: [['state', 'on']] });
    else if (element.attributes.state !== 'on') {
      operations.push({ kind: 'set-attribute', element, attribute: 'state', value: 'on' });
    }
  }
  if (missing.length > 0) operations.push(addEnlightenments(domain, blocks.at(-1), missing));
  return operations;
}

/** `mode` may be left out: it is custom then, also to a libvirt before 7.7 that does not know the attribute. */
function addEnlightenments(
  domain: XmlElement,
  hyperv: XmlElement | undefined,
  elements: readonly NewElement[],
): Operation {
  if (hyperv) return { kind: 'add-elements', parent: hyperv, after: null, elements };
  const block: NewElement = { name: 'hyperv', attributes: [], children: elements };
  const features = childrenNamed(domain, 'features').at(-1);
  if (features) return { kind: 'add-elements', parent: features, after: null, elements: [block] };
  const wanted: NewElement = { name: 'features', attributes: [], children: [block] };
  const after = child(domain, 'os') ?? null;
  return { kind: 'add-elements', parent: domain, after, elements: [wanted] };
}
