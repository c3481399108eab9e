import { localName, namespaceOf, parseXml, type XmlElement } from '../../src/domxml/tree.js';
import type { Change, ElementPath, NewElement, PathStep } from '../../src/remediation/change.js';

/** An element without a place in any text: what two documents have in common that mean the same. */
export interface BareElement {
  readonly name: string;
  readonly namespace: string | null;
  readonly attributes: Record<string, string>;
  readonly children: BareElement[];
  /** Without white space around it. */
  readonly text: string;
}

/** A whole document, nothing left out, without its white space, comments and spellings. */
export function bareTree(text: string): BareElement {
  return bare(parseXml(text, () => true));
}

function bare(element: XmlElement): BareElement {
  return {
    name: localName(element),
    namespace: namespaceOf(element) ?? null,
    attributes: { ...element.attributes },
    children: element.children.map(bare),
    text: element.text.trim(),
  };
}

/**
 * Makes changes one after the other, knowing nothing of the text that they came from.
 * @throws Error when a path leads nowhere, or a change tells an untruth about what it finds
 */
export function applyChanges(root: BareElement, changes: readonly Change[]): BareElement {
  const tree = structuredClone(root);
  for (const change of changes) apply(tree, change);
  return tree;
}

function apply(root: BareElement, change: Change): void {
  const { parent, element } = find(root, change.path);
  switch (change.kind) {
    case 'set-attribute':
      expectSame(element.attributes[change.attribute] ?? null, change.previous);
      element.attributes[change.attribute] = change.value;
      break;
    case 'remove-attribute':
      expectSame(element.attributes[change.attribute], change.previous);
      delete element.attributes[change.attribute];
      break;
    case 'remove-element':
      if (!parent) throw new Error('the root cannot be removed');
      parent.children.splice(parent.children.indexOf(element), 1);
      break;
    case 'add-elements': {
      const { after, elements } = change;
      const position = after ? element.children.indexOf(step(element.children, after)) + 1 : Infinity;
      element.children.splice(position, 0, ...elements.map(built));
    }
  }
}

function find(
  root: BareElement,
  [first, ...rest]: ElementPath,
): { parent?: BareElement; element: BareElement } {
  if (!first) throw new Error('an empty path');
  let parent: BareElement | undefined;
  let element = step([root], first);
  for (const next of rest) {
    parent = element;
    element = step(element.children, next);
  }
  return parent ? { parent, element } : { element };
}

function step(
  siblings: readonly BareElement[],
  { name, namespace, position, isOnlyOne }: PathStep,
): BareElement {
  const alike = siblings.filter((it) => it.name === name && it.namespace === namespace);
  if (isOnlyOne && alike.length !== 1) throw new Error(`there are ${alike.length} ${name}`);
  const found = alike[position - 1];
  if (!found) throw new Error(`no ${name}[${position}]`);
  return found;
}

function built({ name, attributes, children = [] }: NewElement): BareElement {
  return {
    name,
    namespace: null,
    attributes: Object.fromEntries(attributes),
    children: children.map(built),
    text: '',
  };
}

function expectSame(found: unknown, told: unknown): void {
  if (found !== told) throw new Error(`found ${String(found)}, not ${String(told)}`);
}
