import { namespaceOf, parseXml, localName as unprefixed, type XmlElement } from '../../domxml/tree.js';
import type { Change, ElementPath, NewElement, PathStep } from '../change.js';
import { FormUnavailable, type MadePatch } from './form.js';

/** An element of a definition while it is being changed. */
export interface DefinitionElement {
  /** Without a prefix. */
  readonly name: string;
  /** null for none. */
  readonly namespace: string | null;
  readonly attributes: Map<string, string>;
  readonly children: DefinitionElement[];
  /** Whether there is white space, and no other character data, directly before it. */
  followsWhiteSpace: boolean;
}

/**
 * Calls back for each change of a patch, one after the other, with the definition as it is just before that change.
 * @throws FormUnavailable when the changes do not lead to the patched text; nothing that is made from them is right then
 */
export function replayChanges(
  { before, after, steps }: Pick<MadePatch, 'before' | 'after' | 'steps'>,
  visit: (change: Change, root: DefinitionElement) => void,
): void {
  const root = readTree(before);
  for (const change of steps.flatMap(({ changes }) => changes)) {
    visit(change, root);
    applyChange(root, change);
  }
  if (outline(root) !== outline(readTree(after))) {
    throw new FormUnavailable('its changes do not lead to the patched text; use --format diff');
  }
}

/** The elements from the root down to the one that a path is about. */
export function elementsOnPath(root: DefinitionElement, path: ElementPath): DefinitionElement[] {
  const found = [root];
  for (const step of path.slice(1)) {
    found.push(childAt(found[found.length - 1] as DefinitionElement, step));
  }
  return found;
}

/** The child elements that have a name, in their order. */
export function alike(
  parent: DefinitionElement,
  { name, namespace }: Pick<DefinitionElement, 'name' | 'namespace'>,
): DefinitionElement[] {
  return parent.children.filter((it) => it.name === name && it.namespace === namespace);
}

function readTree(text: string): DefinitionElement {
  return treeOf(
    text,
    parseXml(text, () => true),
  );
}

function treeOf(text: string, element: XmlElement): DefinitionElement {
  const before = text.slice(0, element.start);
  const trimmed = before.trimEnd();
  return {
    name: unprefixed(element),
    namespace: namespaceOf(element) ?? null,
    attributes: new Map(Object.entries(element.attributes)),
    children: element.children.map((it) => treeOf(text, it)),
    // Behind the end of a CDATA section the white space would be part of other character data.
    followsWhiteSpace: trimmed !== before && trimmed.endsWith('>') && !trimmed.endsWith(']]>'),
  };
}

function applyChange(root: DefinitionElement, change: Change): void {
  const found = elementsOnPath(root, change.path);
  const [element, parent] = [found[found.length - 1] as DefinitionElement, found[found.length - 2]];
  switch (change.kind) {
    case 'set-attribute':
      element.attributes.set(change.attribute, change.value);
      break;
    case 'remove-attribute':
      element.attributes.delete(change.attribute);
      break;
    case 'remove-element': {
      const index = parent?.children.indexOf(element) ?? -1;
      const next = parent?.children[index + 1];
      if (next && !element.followsWhiteSpace) next.followsWhiteSpace = false;
      parent?.children.splice(index, 1);
      break;
    }
    case 'add-elements': {
      const { after, elements } = change;
      const index = after ? element.children.indexOf(childAt(element, after)) + 1 : element.children.length;
      element.children.splice(index, 0, ...elements.map(newTree));
    }
  }
}

function newTree({ name, attributes, children = [] }: NewElement): DefinitionElement {
  return {
    name,
    namespace: null,
    attributes: new Map(attributes),
    children: children.map(newTree),
    followsWhiteSpace: true,
  };
}

function childAt(parent: DefinitionElement, step: PathStep): DefinitionElement {
  const found = alike(parent, step)[step.position - 1];
  if (!found) throw new FormUnavailable(`there is no ${step.name} ${step.position}; use --format diff`);
  return found;
}

/** What two trees have in common when they differ in nothing but white space, prefixes and the order of attributes. */
function outline({ name, namespace, attributes, children }: DefinitionElement): string {
  const declared = [...attributes].filter(([key]) => !/^xmlns(:|$)/.test(key)).sort();
  return `${JSON.stringify([name, namespace, declared])}(${children.map(outline).join('')})`;
}
