import type { Position } from './yamlTree.js';

/** Far more than a configuration needs, and far less than what the parser's stack bears. */
const MAX_NESTING = 100;

/**
 * Finds where a YAML text may be nested so deeply that a parser which calls itself for each level overflows its
 * stack, which can end the whole process. Three things nest: brackets, indentation, and the signs `-`, `?` and
 * `:` within a line. Brackets and signs in texts and comments count, too: no configuration has that many.
 * @returns null where it is harmless
 */
export function excessiveNesting(text: string): Position | null {
  let brackets = 0;
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
    const at = (column: number): Position => ({ line: index + 1, column: column + 1 });
    const indentation = line.length - line.trimStart().length;
    if (indentation > MAX_NESTING && indentation < line.length) return at(MAX_NESTING);
    let signs = 0;
    for (const { 0: sign, index: column } of line.matchAll(/[[\]{}]|[-?:](?=\s|$)/g)) {
      if (sign === '[' || sign === '{') brackets++;
      else if (sign === ']' || sign === '}') brackets = Math.max(0, brackets - 1);
      else signs++;
      if (brackets > MAX_NESTING || signs > MAX_NESTING) return at(column);
    }
  }
  return null;
}
