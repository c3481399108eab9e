/** What a file of shell variables says, as far as that can be told without a shell. */
export interface ShellAssignments {
  /** By a variable's name: its last value, or null where a shell would have to work it out. */
  readonly values: ReadonlyMap<string, string | null>;
  /** The 1-based line of the first thing that is no assignment, where reading ended; null where there is none. */
  readonly otherLine: number | null;
}

const BLANK_OR_COMMENT = /(?:[ \t\n]|#[^\n]*)*/y;
const NAME = /(?:export[ \t]+)?([A-Za-z_]\w*)=/y;
const END = /(?=[ \t\n]|$)|;(?!;)/y;
/** What stands for something else: `$NAME`, `${NAME}`, `$'…'`, `~`. */
const EXPANSION = /\$(?:\w+|\{\w+\}|(?=["']))|~/y;
/** A piece of a value: in single quotes, in double quotes, escaped or plain. In the middle of a word # is no comment. */
const PIECE = /'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|([^ \t\n'"\\;#&|<>()`$~]+|(?<=[^ \t\n;])#)/y;
const EXPANDED = /\$[\w({@*#?!$-]|`/;

/**
 * Reads a file such as /etc/default/libvirt-guests, which a service sources with `sh`. Nothing is executed: comments,
 * quotes, `export` and several assignments on a line are understood, expansions and commands are only noticed.
 * @see sh(1p), "Quoting" and "Token Recognition"
 */
export function shellAssignments(text: string): ShellAssignments {
  const values = new Map<string, string | null>();
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) at = pattern.lastIndex;
    return found;
  };
  for (;;) {
    match(BLANK_OR_COMMENT);
    if (at >= text.length) return { values, otherLine: null };
    const start = at;
    const name = match(NAME)?.[1];
    const value = name === undefined ? null : valueAt(match);
    if (name === undefined || !match(END)) {
      return { values, otherLine: text.slice(0, start).split('\n').length };
    }
    values.set(name, value);
  }
}

/** The value of the word at the place reached; null where it takes a shell. */
function valueAt(match: (pattern: RegExp) => RegExpExecArray | null): string | null {
  let value = '';
  let expanded = false;
  for (;;) {
    if (match(EXPANSION)) {
      expanded = true;
      continue;
    }
    const piece = match(PIECE);
    if (!piece) return expanded ? null : value;
    const [, single, double, escaped, plain] = piece;
    if (double !== undefined) {
      expanded ||= EXPANDED.test(double.replace(/\\[\s\S]/g, ''));
      value += double.replace(/\\([$`"\\\n])/g, (_, it) => (it === '\n' ? '' : it));
    } else {
      // A backslash at the end of a line joins it with the next.
      value += single ?? (escaped === '\n' ? '' : (escaped ?? plain));
    }
  }
}
