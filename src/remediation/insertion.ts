import type { XmlElement } from '../domxml/tree.js';
import type { NewElement } from './change.js';
import { attributeSource, type Edit } from './edit.js';

/** Adds elements behind another, each on a line of its own with the same indentation where that has one. */
export function insertAfter(text: string, sibling: XmlElement, elements: readonly NewElement[]): Edit {
  const lineStart = text.lastIndexOf('\n', sibling.start - 1) + 1;
  const indentation = text.slice(lineStart, sibling.start);
  const layout: Layout =
    lineStart > 0 && indentation.trim() === ''
      ? { newline: newlineAt(text, lineStart), indentation, unit: unitOf(text, sibling.parent) }
      : INLINE;
  return { start: sibling.end, end: sibling.end, text: elementsSource(elements, layout) };
}

/** Adds elements as the last children of another, which is opened for them where it was an empty-element tag. */
export function insertLast(text: string, parent: XmlElement, elements: readonly NewElement[]): Edit {
  const lineStart = text.lastIndexOf('\n', parent.start - 1) + 1;
  const own = text.slice(lineStart, parent.start);
  const isEmptyTag = parent.end === parent.openEnd;
  const closing = isEmptyTag ? parent.end : text.lastIndexOf('</', parent.end - 1);
  const contentEnd = isEmptyTag ? parent.end : text.slice(0, closing).trimEnd().length;
  const isInline =
    lineStart === 0 ||
    own.trim() !== '' ||
    (!isEmptyTag && text.slice(contentEnd, closing).indexOf('\n') < 0);
  const layout = isInline
    ? INLINE
    : layoutInside({
        newline: newlineAt(text, lineStart),
        indentation: own,
        unit: unitOf(text, parent.parent),
      });
  const source = elementsSource(elements, layout);
  if (!isEmptyTag) return { start: contentEnd, end: contentEnd, text: source };
  const slash = text.slice(parent.start, parent.end).search(/\s*\/>$/) + parent.start;
  const end = isInline ? '' : layout.newline + own;
  return { start: slash, end: parent.end, text: `>${source}${end}</${parent.name}>` };
}

/** How new elements are set: inline without a newline. */
interface Layout {
  readonly newline: string;
  readonly indentation: string;
  /** What one level more is indented by. */
  readonly unit: string;
}

const INLINE: Layout = { newline: '', indentation: '', unit: '' };

function layoutInside(layout: Layout): Layout {
  return { ...layout, indentation: layout.indentation + layout.unit };
}

function newlineAt(text: string, lineStart: number): string {
  return text.slice(0, lineStart).endsWith('\r\n') ? '\r\n' : '\n';
}

/** What the text indents a level by, told by a child of an element; libvirt's two blanks where it does not tell. */
function unitOf(text: string, parent: XmlElement | null): string {
  for (let outer = parent; outer; outer = outer.parent) {
    const [inner] = outer.children;
    if (!inner) continue;
    const [wide, narrow] = [indentationOf(text, inner), indentationOf(text, outer)];
    if (wide !== null && narrow !== null && wide.length > narrow.length && wide.startsWith(narrow)) {
      return wide.slice(narrow.length);
    }
  }
  return '  ';
}

function indentationOf(text: string, { start }: XmlElement): string | null {
  const before = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  return before.trim() === '' ? before : null;
}

function elementsSource(elements: readonly NewElement[], layout: Layout): string {
  return elements.map((element) => elementSource(element, layout)).join('');
}

function elementSource({ name, attributes, children = [] }: NewElement, layout: Layout): string {
  const words = [name, ...attributes.map(([key, value]) => `${key}='${attributeSource(value)}'`)];
  const start = `${layout.newline}${layout.indentation}<${words.join(' ')}`;
  if (children.length === 0) return `${start}/>`;
  const inside = elementsSource(children, layoutInside(layout));
  return `${start}>${inside}${layout.newline}${layout.indentation}</${name}>`;
}
