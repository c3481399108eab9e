/**
 * Splits one POSIX shell command line into its words, undoing quotes, backslashes and line continuations.
 * Expansions and operators are left as they are written.
 */
export function shellWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let at = 0;
  while (at < line.length) {
    const char = line.charAt(at++);
    if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (char === "'") {
      const end = line.indexOf("'", at);
      if (end < 0) throw new Error('unterminated single quote');
      word = (word ?? '') + line.slice(at, end);
      at = end + 1;
    } else if (char === '"') {
      const end = closingQuote(line, at);
      word =
        (word ?? '') +
        line.slice(at, end).replace(/\\([$`"\\\n])/g, (_, next) => (next === '\n' ? '' : next));
      at = end + 1;
    } else if (char === '\\') {
      if (line.charAt(at) !== '\n') word = (word ?? '') + line.charAt(at);
      at++;
    } else {
      word = (word ?? '') + char;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

function closingQuote(line: string, start: number): number {
  for (let at = start; at < line.length; at++) {
    const char = line.charAt(at);
    if (char === '"') return at;
    if (char === '\\') at++;
  }
  throw new Error('unterminated double quote');
}
