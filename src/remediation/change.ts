/** One step down to an element: its name, and its place among the siblings that have the same one. */
export interface PathStep {
  /** Without a prefix. */
  readonly name: string;
  /** The URI of its namespace; null for none, as with all of libvirt's own elements. */
  readonly namespace: string | null;
  /** From 1, as XPath counts. */
  readonly position: number;
  /** True when it is the only one of its name, so that no position is needed to name it. */
  readonly isOnlyOne: boolean;
}

/** Where an element stands: from the root, `domain`, down to itself. */
export type ElementPath = readonly PathStep[];

/** An element to be added. Its names are libvirt's own, without a namespace. */
export interface NewElement {
  readonly name: string;
  readonly attributes: readonly (readonly [name: string, value: string])[];
  readonly children?: readonly NewElement[];
}

/**
 * One change to the structure of a definition, as plain data: what every form of a patch but the text itself is made
 * from. Changes are made one after the other; each path is about the document as the ones before it left it.
 */
export type Change =
  | {
      readonly kind: 'set-attribute';
      readonly path: ElementPath;
      readonly attribute: string;
      readonly value: string;
      /** What it was; null where it is new. */
      readonly previous: string | null;
    }
  | {
      readonly kind: 'remove-attribute';
      readonly path: ElementPath;
      readonly attribute: string;
      readonly previous: string;
    }
  | { readonly kind: 'remove-element'; readonly path: ElementPath }
  | {
      /** Adds elements in that order. */
      readonly kind: 'add-elements';
      /** The element that gets them. */
      readonly path: ElementPath;
      /** The child that they come directly behind; null for the end. */
      readonly after: PathStep | null;
      readonly elements: readonly NewElement[];
    };
