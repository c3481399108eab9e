import type { XmlElement } from '../domxml/tree.js';

/** One replacement in a text, by UTF-16 offsets into it. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Applies edits. Every character outside of them stays as it is; what is added comes before what is replaced at the
 * same place.
 * @throws RangeError when two of them overlap
 */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const pieces: string[] = [];
  let position = 0;
  for (const edit of [...edits].sort((left, right) => left.start - right.start || left.end - right.end)) {
    if (edit.start < position) throw new RangeError(`two edits overlap at offset ${edit.start}`);
    pieces.push(text.slice(position, edit.start), edit.text);
    position = edit.end;
  }
  return pieces.join('') + text.slice(position);
}

/** Where an attribute stands: `start` is the white space before it, the value is without its quotes. */
interface AttributeSpan {
  readonly start: number;
  readonly end: number;
  readonly valueStart: number;
  readonly valueEnd: number;
}

/** Gives an attribute a value, in place where it is there already. */
export function setAttribute(text: string, element: XmlElement, name: string, value: string): Edit {
  const span = attributeSpan(text, element, name);
  if (span) return { start: span.valueStart, end: span.valueEnd, text: value };
  const position = element.start + 1 + element.name.length;
  const quote = /=\s*"/.test(text.slice(element.start, element.openEnd)) ? '"' : "'";
  return { start: position, end: position, text: ` ${name}=${quote}${value}${quote}` };
}

/** Takes an attribute away, with the white space before it. */
export function removeAttribute(text: string, element: XmlElement, name: string): Edit[] {
  const span = attributeSpan(text, element, name);
  return span ? [{ start: span.start, end: span.end, text: '' }] : [];
}

/** The source of an attribute's value, with its entities as they were written. */
export function rawAttribute(text: string, element: XmlElement, name: string): string {
  const span = attributeSpan(text, element, name);
  return span ? text.slice(span.valueStart, span.valueEnd) : '';
}

/** Takes an element away, and its line with it when nothing else stands on it. */
export function removeElement(text: string, element: XmlElement): Edit {
  const lineStart = text.lastIndexOf('\n', element.start - 1) + 1;
  const newline = text.indexOf('\n', element.end);
  const lineEnd = newline < 0 ? text.length : newline + 1;
  const alone =
    newline >= 0 &&
    text.slice(lineStart, element.start).trim() === '' &&
    text.slice(element.end, lineEnd).trim() === '';
  return alone
    ? { start: lineStart, end: lineEnd, text: '' }
    : { start: element.start, end: element.end, text: '' };
}

/** A value as it stands between quotes of either kind. */
export function attributeSource(value: string): string {
  return value.replace(/[&<"'\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function attributeSpan(text: string, element: XmlElement, name: string): AttributeSpan | null {
  const nameEnd = element.start + 1 + element.name.length;
  const tag = text.slice(nameEnd, element.openEnd);
  for (const match of tag.matchAll(/\s+([^\s=/>]+)\s*=\s*("[^"]*"|'[^']*')/g)) {
    if (match[1] !== name) continue;
    const end = nameEnd + match.index + match[0].length;
    const quoted = match[2] ?? '';
    return { start: nameEnd + match.index, end, valueStart: end - quoted.length + 1, valueEnd: end - 1 };
  }
  return null;
}
