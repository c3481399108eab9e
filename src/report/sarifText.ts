import { posix } from 'node:path';
import { sha256 } from '../facts/sha256.js';
import { printable } from './printable.js';

/**
 * Makes a text from elsewhere a message's. In messages of SARIF braces are placeholders unless they are doubled, and
 * `[…](…)` is a link unless the brackets are escaped; what cannot be seen is written as `\uXXXX`, which has none of these.
 * @see SARIF 2.1.0, sections 3.11.5 and 3.11.6
 */
export function sarifMessage(text: string): { readonly text: string } {
  return { text: withoutLinks(literalBraces(sarifPlain(text))) };
}

/** Braces that stand for themselves in a message. */
export function literalBraces(text: string): string {
  return text.replace(/[{}]/g, '$&$&');
}

/** A name that is no message, with everything visible. */
export function sarifPlain(text: string): string {
  return printable(text).replace(/\\u\{([\da-f]+)\}/g, (_, hex: string) => `\\u${hex.padStart(4, '0')}`);
}

function withoutLinks(text: string): string {
  return text.includes('](') ? text.replace(/[[\]]/g, '\\$&') : text;
}

/**
 * A path as a reference that a URI's parser takes for the same path: relative ones stay relative. Nothing but the
 * beginning of a relative one keeps a `..`, which every reader would take out by itself, and some refuse.
 * @see RFC 3986, sections 3.3, 4.2 and 5.2.4
 */
export function pathUri(path: string): string {
  const encoded = posix.normalize(path).split('/').map(uriSegment).join('/');
  return path.startsWith('/') ? `file://${encoded}` : encoded;
}

/** A part of a URI between two slashes; a lone surrogate, which UTF-8 has no bytes for, is one that could not be decoded. */
export function uriSegment(text: string): string {
  return encodeURIComponent(text.replace(/\p{Cs}/gu, '\uFFFD'));
}

/** What stays the same from run to run about a result, however long its parts are. */
export function fingerprint(...parts: readonly string[]): string {
  return sha256(JSON.stringify(parts)).slice(0, 32);
}
