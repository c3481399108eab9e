/** The letters of a program's short options, as getopt(3) wants them: a colon behind those with a value. */
export type ShortOptions = string;

/** @see ptp4l.c, phc2sys.c in linuxptp 4.4; older ones know fewer */
export const PTP4L_OPTIONS: ShortOptions = 'AEP246HSLf:i:p:sl:mqvh';
export const PHC2SYS_OPTIONS: ShortOptions = 'arc:d:f:s:E:P:I:S:F:R:N:O:L:M:i:u:wn:xz:l:t:mqvh';

/** The options of a command line, by letter or long name, with the values in their order; `''` for one without. */
export type Options = ReadonlyMap<string, readonly string[]>;

/**
 * Takes a command line apart as getopt_long(3) does. Of linuxptp's long options each has a value, behind `=` or in the
 * next argument.
 * @param args - without the program's own name
 */
export function parseOptions(args: readonly string[], short: ShortOptions): Options {
  const options = new Map<string, string[]>();
  const add = (name: string, value: string) => {
    const values = options.get(name);
    if (values) values.push(value);
    else options.set(name, [value]);
  };
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? '';
    if (word === '--') break;
    if (word.startsWith('--')) {
      const [name = '', ...value] = word.slice(2).split('=');
      add(name, value.length > 0 ? value.join('=') : (args[++at] ?? ''));
    } else if (word.startsWith('-')) {
      for (let letter = 1; letter < word.length; letter++) {
        const name = word[letter] ?? '';
        if (!short.includes(`${name}:`)) {
          add(name, '');
          continue;
        }
        add(name, word.slice(letter + 1) || (args[++at] ?? ''));
        break;
      }
    }
  }
  return options;
}

/**
 * The settings of a configuration file's global section, which is all that has to do with the system clock.
 * @see ptp4l(8), CONFIGURATION FILE
 */
export function parseConfiguration(text: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  let section = '';
  for (const line of text.split('\n')) {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    if (trimmed.startsWith('[')) {
      section = trimmed;
    } else if (section === '[global]') {
      const [name = '', ...value] = trimmed.split(/\s+/);
      settings.set(name, value.join(' '));
    }
  }
  return settings;
}
