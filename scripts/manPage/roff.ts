/** Plain words as roff: nothing in them is a request or an escape, and hyphens can be copied. */
export function text(words: string): string {
  return words.replace(/\\/g, '\\e').replace(/-/g, '\\-').replace(/'/g, '\\(aq').replace(/^\./, '\\&.');
}

/** What is typed as it stands. */
export function bold(words: string): string {
  return `\\fB${text(words)}\\fR`;
}

/** What stands for something else. */
export function italic(words: string): string {
  return `\\fI${text(words)}\\fR`;
}

export function paragraph(words: string): string {
  return `.PP\n${text(words)}`;
}

/** An entry of a list: what it is about, and what is said of it, both roff already. */
export function tagged(tag: string, description: string): string {
  return `.TP\n${tag}\n${description}`;
}
