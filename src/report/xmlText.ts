import { printable } from './printable.js';

const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/**
 * Makes a text from elsewhere safe inside of an element or an attribute. Characters that XML 1.0 has no way to write
 * (controls, lone surrogates, U+FFFE, U+FFFF) become visible, so nothing has to be dropped.
 * @see {@link https://www.w3.org/TR/xml/#charsets}
 */
export function xmlText(text: string): string {
  return printable(text)
    .replace(/[\uFFFE\uFFFF]/g, (it) => `\\u{${it.charCodeAt(0).toString(16)}}`)
    .replace(/[&<>"']/g, (it) => REFERENCES[it] ?? it);
}

/** A start tag's attributes, each with a space before it. */
export function xmlAttributes(attributes: Readonly<Record<string, string | number>>): string {
  return Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${xmlText(String(value))}"`)
    .join('');
}
