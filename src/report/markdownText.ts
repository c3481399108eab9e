import { printable } from './printable.js';

/**
 * A word that no renderer of Markdown makes anything of, wherever it stands inside of a line: neither markup nor HTML,
 * nor a link, a mention (`@name`), a reference (`#12`, `!12`, `~label`) or mathematics.
 */
const HARMLESS =
  /^(?:[\p{L}\p{M}\p{N},;:'"()/=+?.-]|(?<=[\p{L}\p{N}])_(?=[\p{L}\p{N}])|[%!](?![\p{L}\p{N}[]))*$/u;
const LINK = /:\/\/|www\./i;

/**
 * Makes a text from elsewhere safe inside of a line or a cell of a table: what could be taken for markup becomes code,
 * and what cannot be seen becomes visible. Backslashes would not do: some renderers look for mentions and links behind them.
 */
export function markdownText(text: string): string {
  const words = printable(text).split(' ');
  const risky = words.map((word) => !HARMLESS.test(word) || LINK.test(word));
  const parts: string[] = [];
  for (let index = 0; index < words.length; index++) {
    if (!risky[index]) {
      parts.push(words[index] ?? '');
      continue;
    }
    // An element with attributes reads better as one.
    let end = index;
    while (risky[end + 1] || (words[end + 1]?.includes('=') && risky[end + 2])) end++;
    parts.push(markdownCode(words.slice(index, end + 1).join(' ')));
    index = end;
  }
  return parts.join(' ');
}

/** Code inside of a line, whatever it holds: its fence is longer than any row of backticks in it. */
export function markdownCode(text: string): string {
  const shown = printable(text);
  const longest = Math.max(0, ...Array.from(shown.matchAll(/`+/g), ([row]) => row.length));
  const fence = '`'.repeat(longest + 1);
  // Of spaces at both ends one each is not shown, unless there is nothing else (CommonMark 6.1).
  const space = /^`|`$|^ .*[^ ].* $/.test(shown) ? ' ' : '';
  return shown === '' ? '' : `${fence}${space}${shown}${space}${fence}`;
}

/**
 * A row of a table, of cells that are Markdown already. `|` ends a cell even inside of code, unless a backslash stands
 * before it; two backslashes are read differently by different renderers, so there it is written by its number.
 */
export function markdownRow(...cells: readonly string[]): string {
  const safe = cells.map((cell) => cell.replace(/\\?\|/g, (it) => (it === '|' ? '\\|' : '\\\\u{7c}')));
  return `| ${safe.join(' | ')} |`;
}
