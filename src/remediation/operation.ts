import { localName, namespaceOf, type XmlElement } from '../domxml/tree.js';
import type { Change, ElementPath, NewElement, PathStep } from './change.js';
import { attributeSource, type Edit, removeAttribute, removeElement, setAttribute } from './edit.js';
import { insertAfter, insertLast } from './insertion.js';

/** One change to the elements of a document that was just read. */
export type Operation =
  | {
      readonly kind: 'set-attribute';
      readonly element: XmlElement;
      readonly attribute: string;
      readonly value: string;
      /** The value as it is to stand in the text, where that keeps entities as they were written. */
      readonly source?: string;
    }
  | { readonly kind: 'remove-attribute'; readonly element: XmlElement; readonly attribute: string }
  | { readonly kind: 'remove-element'; readonly element: XmlElement }
  | {
      readonly kind: 'add-elements';
      readonly parent: XmlElement;
      /** A child to come directly behind; null for the end. */
      readonly after: XmlElement | null;
      readonly elements: readonly NewElement[];
    };

/** The smallest edit of the text that makes the change; none for an attribute that is not there. */
export function editsOf(text: string, operation: Operation): Edit[] {
  switch (operation.kind) {
    case 'set-attribute': {
      const { element, attribute, value, source } = operation;
      return [setAttribute(text, element, attribute, source ?? attributeSource(value))];
    }
    case 'remove-attribute':
      return removeAttribute(text, operation.element, operation.attribute);
    case 'remove-element':
      return [removeElement(text, operation.element)];
    case 'add-elements': {
      const { parent, after, elements } = operation;
      return [after ? insertAfter(text, after, elements) : insertLast(text, parent, elements)];
    }
  }
}

/** The same operations as plain data. They are all about one document, and come out in an order that keeps it so. */
export function changesOf(operations: readonly Operation[]): Change[] {
  // From the end to the start: no change moves what the next one is about.
  return [...operations].sort((left, right) => placeOf(right) - placeOf(left)).map(changeOf);
}

function placeOf(operation: Operation): number {
  return operation.kind === 'add-elements'
    ? (operation.after?.end ?? operation.parent.end)
    : operation.element.start;
}

function changeOf(operation: Operation): Change {
  switch (operation.kind) {
    case 'set-attribute': {
      const { kind, element, attribute, value } = operation;
      const previous = element.attributes[attribute] ?? null;
      return { kind, path: pathOf(element), attribute, value, previous };
    }
    case 'remove-attribute': {
      const { kind, element, attribute } = operation;
      return { kind, path: pathOf(element), attribute, previous: element.attributes[attribute] ?? '' };
    }
    case 'remove-element':
      return { kind: operation.kind, path: pathOf(operation.element) };
    case 'add-elements': {
      const { kind, parent, after, elements } = operation;
      return { kind, path: pathOf(parent), after: after && stepOf(after), elements };
    }
  }
}

function pathOf(element: XmlElement): ElementPath {
  return [...(element.parent ? pathOf(element.parent) : []), stepOf(element)];
}

function stepOf(element: XmlElement): PathStep {
  const [name, namespace] = [localName(element), namespaceOf(element) ?? null];
  const alike = (element.parent?.children ?? [element]).filter(
    (it) => localName(it) === name && (namespaceOf(it) ?? null) === namespace,
  );
  return { name, namespace, position: alike.indexOf(element) + 1, isOnlyOne: alike.length === 1 };
}
