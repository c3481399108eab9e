/** The options of chronyd that take a value: see the string that its main.c gives to getopt(3). */
const WITH_VALUE = 'fFlLPtu';

/**
 * Tells whether a chronyd with these arguments wants to steer the system clock: not with `-x`, and not with `-Q`, which
 * measures once and ends.
 * @param args - without the program's own name
 * @see chronyd(8), OPTIONS
 */
export function takesControl(args: readonly string[]): boolean {
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    if (arg === '--') return true;
    // What is no option is a line of the configuration, and options may follow it.
    if (!arg.startsWith('-')) continue;
    for (let at = 1; at < arg.length; at++) {
      const letter = arg[at] ?? '';
      if (letter === 'x' || letter === 'Q') return false;
      if (!WITH_VALUE.includes(letter)) continue;
      // The value is the rest of this argument, or the next one.
      if (at === arg.length - 1) index++;
      break;
    }
  }
  return true;
}
