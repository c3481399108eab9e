import { shellWord } from './forms/shellWord.js';

/** A command for a POSIX shell, of words that come out as they went in. */
export function shellCommand(...words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}
