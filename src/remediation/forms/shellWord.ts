/** A word for a POSIX shell, quoted where it has to be. It comes out as it went in, whatever it holds. */
export function shellWord(value: string): string {
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}
