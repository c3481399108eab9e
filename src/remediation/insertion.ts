import type { XmlElement } from '../domxml/tree.js';
import type { NewElement } from './change.js';
import { attributeSource, type Edit } from './edit.js';

/**
 * Adds elements behind another, each on a line of its own with the same indentation where that has one. A comment at
 * the end of that one's line stays with it.
 */
export function insertAfter(text: string, sibling: XmlElement, elements: readonly NewElement[]): Edit {
  const indentation = indentationOf(text, sibling);
  if (indentation === null) {
    return { start: sibling.end, end: sibling.end, text: elementsSource(elements, INLINE) };
  }
  const newline = newlineAt(text, lineStartOf(text, sibling.start));
  const layout = { newline, indentation, unit: unitOf(text, sibling.parent) };
  const position = sibling.end + commentsBehind(text, sibling.end);
  return { start: position, end: position, text: elementsSource(elements, layout) };
}

/** Adds elements as the last children of another, which is opened for them where it was an empty-element tag. */
export function insertLast(text: string, parent: XmlElement, elements: readonly NewElement[]): Edit {
  if (parent.end === parent.openEnd) return openEmpty(text, parent, elements);
  const closing = text.lastIndexOf('</', parent.end - 1);
  const contentEnd = parent.openEnd + text.slice(parent.openEnd, closing).trimEnd().length;
  const tail = text.slice(contentEnd, closing);
  const lastNewline = tail.lastIndexOf('\n');
  const layout =
    lastNewline < 0
      ? INLINE
      : {
          newline: newlineAt(text, contentEnd + lastNewline + 1),
          indentation:
            lastLineIndentation(text, parent, contentEnd) ??
            tail.slice(lastNewline + 1) + unitOf(text, parent),
          unit: unitOf(text, parent),
        };
  return { start: contentEnd, end: contentEnd, text: elementsSource(elements, layout) };
}

function openEmpty(text: string, parent: XmlElement, elements: readonly NewElement[]): Edit {
  const tagEnd = text.slice(0, parent.end - '/>'.length).trimEnd().length;
  const lineStart = lineStartOf(text, parent.start);
  const own = lineStart === 0 ? null : indentationOf(text, parent);
  const edit = (inside: string) => ({
    start: tagEnd,
    end: parent.end,
    text: `>${inside}</${parent.name}>`,
  });
  if (own === null) return edit(elementsSource(elements, INLINE));
  const newline = newlineAt(text, lineStart);
  const layout = layoutInside({ newline, indentation: own, unit: unitOf(text, parent) });
  return edit(`${elementsSource(elements, layout)}${newline}${own}`);
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

function lineStartOf(text: string, position: number): number {
  return position === 0 ? 0 : text.lastIndexOf('\n', position - 1) + 1;
}

/** The line ending before the start of a line. */
function newlineAt(text: string, lineStart: number): string {
  return text.charAt(lineStart - 2) === '\r' ? '\r\n' : '\n';
}

/** What an element's line is indented by; null where something stands before it that is neither blank nor a comment. */
function indentationOf(text: string, { start }: XmlElement): string | null {
  const before = text.slice(lineStartOf(text, start), start);
  const comments = before.trimStart();
  const isAlone = comments === '' || COMMENTS.test(comments);
  return isAlone ? before.slice(0, before.length - comments.length) : null;
}

/** Whole comments on one line, and blanks between them. */
const COMMENTS = /^(<!--(?:[^-]|-(?!->))*-->[ \t]*)+$/;

/** The indentation of the last line inside an element, where that line starts with markup. */
function lastLineIndentation(text: string, parent: XmlElement, contentEnd: number): string | null {
  const lineStart = lineStartOf(text, contentEnd);
  if (lineStart < parent.openEnd) return null;
  const line = text.slice(lineStart, contentEnd);
  const indentation = line.slice(0, line.length - line.trimStart().length);
  return line.charAt(indentation.length) === '<' ? indentation : null;
}

/** The length of the comments that end the line at that position. */
function commentsBehind(text: string, position: number): number {
  const newline = text.indexOf('\n', position);
  const rest = text.slice(position, newline < 0 ? text.length : newline).trimEnd();
  return COMMENTS.test(rest.trimStart()) ? rest.length : 0;
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
