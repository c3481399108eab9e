/** The options that take no value; every other one takes the next word. See QEMU's qemu-options.hx. */
const FLAGS = new Set(
  `-h -help -version -mem-prealloc -audio-help -snapshot -no-fd-bootchk -usb -nographic -curses -portrait
  -full-screen -win2k-hack -no-acpi -no-hpet -singlestep -preconfig -S -s -enable-kvm -xen-attach
  -xen-domid-restrict -no-reboot -no-shutdown -daemonize -nodefaults -only-migratable -no-user-config
  -nouserconfig -enable-sync-profile -enable-fips -semihosting -old-param -no-kvm -sdl -async-teardown
  -perfmap -jitdump`.split(/\s+/),
);

/** The options that may have a say in the guest's clock; -readconfig because its file may hold any other. */
const CLOCK_OPTIONS: ReadonlySet<string> = new Set(
  '-rtc -cpu -machine -accel -enable-kvm -global -no-hpet -icount -readconfig'.split(' '),
);
/** The properties with such a say, by the start of their names; the rest of a CPU's features has none. */
const CLOCK_CPU_PROPERTY = /^[+-]?(kvm|hv[-_]|hypervisor|tsc[-_]freq|invtsc|migratable)/;
const CLOCK_GLOBAL = /^(kvm-pit|mc146818rtc|[\w.-]*cpu)\.|driver=/;

/** An option among the words of a command line. */
export interface OptionWord {
  /** With one dash, and `-machine` for `-M`. */
  readonly option: string;
  readonly index: number;
  /** Where its value stands; null for an option that takes none. */
  readonly valueIndex: number | null;
}

/** Walks a command line as QEMU does: whatever it looks like, the word behind an option is its value. */
export function* optionWords(words: readonly string[]): Iterable<OptionWord> {
  for (let index = 0; index < words.length; index++) {
    const option = canonicalOption(words[index] ?? '');
    if (!option.startsWith('-')) continue;
    if (FLAGS.has(option)) yield { option, index, valueIndex: null };
    else yield { option, index: index++, valueIndex: index };
  }
}

/** QEMU takes an option with one dash or two: `--rtc` and `-rtc` are one, and `-M` is short for `-machine`. */
function canonicalOption(word: string): string {
  const option = word.startsWith('--') ? word.slice(1) : word;
  return option === '-M' ? '-machine' : option;
}

/**
 * Keeps what has a say in the guest's clock of a QEMU command line: these options with their values, of a `-cpu` the
 * model and the properties that matter. What is left decides the same.
 * @param argv - the arguments of a running QEMU, without the program's name
 * @see qemu(1)
 */
export function clockWords(argv: readonly string[]): string[] {
  const kept: string[] = [];
  for (const { option, valueIndex } of optionWords(argv)) {
    if (!CLOCK_OPTIONS.has(option)) continue;
    const value = valueIndex === null ? null : (argv[valueIndex] ?? '');
    if (value === null) kept.push(option);
    else if (option === '-cpu') kept.push(option, clockProperties(value));
    else if (option !== '-global' || CLOCK_GLOBAL.test(value)) kept.push(option, value);
  }
  return kept;
}

function clockProperties(cpu: string): string {
  return cpu
    .split(',')
    .filter((part, position) => position === 0 || CLOCK_CPU_PROPERTY.test(part))
    .join(',');
}
