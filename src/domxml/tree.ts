import { SaxesParser } from 'saxes';
import { XmlError } from './xmlError.js';

/**
 * An element with the place it has in the source text. Offsets are UTF-16 indices into that text, so that
 * `text.slice(element.start, element.end)` is the element as it was written.
 */
export interface XmlElement {
  /** The name as written, with its prefix. */
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** The URI that names without a prefix belong to here; empty for none. */
  readonly defaultNamespace: string;
  readonly children: XmlElement[];
  readonly parent: XmlElement | null;
  /** Character data directly inside, without that of children. */
  text: string;
  /** Where `<` of the start tag stands. */
  readonly start: number;
  /** Just behind `>` of the start tag. */
  readonly openEnd: number;
  /** Just behind `>` of the end tag; equals `openEnd` for an empty-element tag. */
  end: number;
}

/** Decides whether an element inside a kept one is kept too; what is not kept is still parsed strictly. */
export type KeepElement = (parent: XmlElement, name: string) => boolean;

/** libxml2 refuses deeper documents too (`xmlParserMaxDepth`), so libvirt could not have read them. */
export const MAX_DEPTH = 256;

/**
 * Reads a document in one strict pass.
 * @throws XmlError at the first violation of well-formedness, at a document type declaration and below
 * {@link MAX_DEPTH} levels of elements
 */
export function parseXml(text: string, keep: KeepElement): XmlElement {
  // Eight handlers and more turn the parser into a slow dictionary object: four times the time.
  const parser = new SaxesParser();
  let root: XmlElement | null = null;
  let current: XmlElement | null = null;
  let depth = 0;
  let droppedDepth = 0;
  let start = 0;
  let dropped = false;

  const fail = (message: string): never => {
    throw new XmlError(message, parser.line, parser.columnIndex + 1);
  };
  parser.on('error', (error) => fail(error.message.replace(/^[^ ]*\d+:\d+: /, '').replace(/\.$/, '')));
  parser.on('doctype', () => fail('a document type declaration, which no domain XML has'));
  parser.on('opentagstart', ({ name }) => {
    if (depth++ === 0) checkEncoding(parser.xmlDecl.encoding, fail);
    if (depth > MAX_DEPTH) fail(`elements nested deeper than ${MAX_DEPTH} levels`);
    dropped = droppedDepth > 0 || (current !== null && !keep(current, name));
    if (!dropped) start = text.lastIndexOf('<', parser.position - 1);
    // Without a handler saxes does not even cut the text out.
    else if (droppedDepth++ === 0) parser.off('text');
  });
  parser.on('opentag', ({ name, attributes }) => {
    if (dropped) return;
    const openEnd = parser.position;
    const element: XmlElement = {
      name,
      attributes,
      defaultNamespace: attributes.xmlns ?? current?.defaultNamespace ?? '',
      children: [],
      parent: current,
      text: '',
      start,
      openEnd,
      end: openEnd,
    };
    if (current) current.children.push(element);
    else root = element;
    current = element;
  });
  const addText = (data: string) => {
    if (droppedDepth === 0 && current) current.text += data;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    depth--;
    if (droppedDepth > 0) {
      if (--droppedDepth === 0) parser.on('text', addText);
    } else if (current) {
      current.end = parser.position;
      current = current.parent;
    }
  });
  parser.write(text).close();
  return root ?? fail('no element in it');
}

function checkEncoding(encoding: string | undefined, fail: (message: string) => never): void {
  if (encoding !== undefined && !/^(utf-?8|us-ascii)$/i.test(encoding)) {
    fail(`declares the encoding ${encoding.slice(0, 40)}; libvirt writes UTF-8, and only that is read`);
  }
}

/** The first child element of that name and of no namespace, as libvirt looks for it. */
export function child(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((candidate) => candidate.name === name && candidate.defaultNamespace === '');
}

/** All child elements of that name and of no namespace, in document order. */
export function childrenNamed(element: XmlElement | undefined, name: string): XmlElement[] {
  return (
    element?.children.filter((candidate) => candidate.name === name && candidate.defaultNamespace === '') ??
    []
  );
}

/** The name without its prefix. */
export function localName(element: XmlElement): string {
  return element.name.slice(element.name.indexOf(':') + 1);
}

/** The namespace URI that an element's prefix is bound to, or undefined where it is not bound. */
export function namespaceOf(element: XmlElement): string | undefined {
  const colon = element.name.indexOf(':');
  if (colon < 0) return element.defaultNamespace || undefined;
  const declaration = `xmlns:${element.name.slice(0, colon)}`;
  for (let scope: XmlElement | null = element; scope; scope = scope.parent) {
    const uri = scope.attributes[declaration];
    if (uri !== undefined) return uri || undefined;
  }
  return undefined;
}
