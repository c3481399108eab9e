/**
 * One QEMU argument, or the `TZ` of its environment, reduced to the keys that decide the guest's clock.
 * Both what libvirt generates and what `qemu:commandline` adds are brought into this form.
 */
export interface QemuArgument {
  readonly option: '-rtc' | '-cpu' | '-machine' | '-global' | '-no-hpet' | '-icount' | 'TZ';
  readonly settings: readonly Setting[];
  /** Where it comes from, for the report, such as `timer rtc track='guest'` or `qemu:arg`. */
  readonly by: string;
}

/** A key and its value; a CPU feature written `+x` or `-x` is marked, since QEMU applies those last. */
export type Setting = readonly [key: string, value: string, style?: 'plus-minus'];

const TIME_KEYS: Readonly<Record<string, readonly string[]>> = {
  '-rtc': ['base', 'clock', 'driftfix'],
  '-cpu': ['kvmclock', 'kvm', 'hv-time', 'hv-passthrough', 'tsc-frequency', 'invtsc', 'kvm-no-adjvtime'],
  '-machine': ['hpet', 'rtc'],
  '-global': [
    ...['kvm-pit.lost_tick_policy', 'mc146818rtc.lost_tick_policy'],
    ...['cpu.kvmclock', 'cpu.kvm', 'cpu.hv-time', 'cpu.tsc-frequency', 'cpu.invtsc'],
  ],
};
/** What decides something, but is none of the arguments that libvirt generates for a clock. */
const UNSPELT = /^(rtc$|cpu\.)/;

/** The options that take no value; every other one takes the next word. See QEMU's qemu-options.hx. */
const FLAGS = new Set(
  `-h -help -version -mem-prealloc -audio-help -snapshot -no-fd-bootchk -usb -nographic -curses -portrait
  -full-screen -win2k-hack -no-acpi -no-hpet -singlestep -preconfig -S -s -enable-kvm -xen-attach
  -xen-domid-restrict -no-reboot -no-shutdown -daemonize -nodefaults -only-migratable -no-user-config
  -nouserconfig -enable-sync-profile -enable-fips -semihosting -old-param -no-kvm -sdl -async-teardown
  -perfmap -jitdump`.split(/\s+/),
);

/** An option among the words of a command line. */
export interface OptionWord {
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

/**
 * Picks the arguments with a say in the clock out of a QEMU command line.
 * @param words - the arguments, without the program's name
 * @see qemu(1), options -rtc, -cpu, -machine, -global and -icount
 */
export function timeArguments(words: readonly string[], by: string): QemuArgument[] {
  const found: QemuArgument[] = [];
  for (const { option, valueIndex } of optionWords(words)) {
    const value = valueIndex === null ? '' : (words[valueIndex] ?? '');
    if (option === '-no-hpet') {
      found.push({ option, settings: [], by });
    } else if (option === '-icount') {
      found.push({ option, settings: [[value, '']], by });
    } else if (option === '-rtc' || option === '-cpu' || option === '-machine' || option === '-global') {
      const settings = splitSettings(option, value);
      // A -cpu without any of the keys still counts: it replaces the whole of libvirt's.
      if (settings.length > 0 || option === '-cpu') found.push({ option, settings, by });
    }
  }
  return found;
}

/** QEMU takes an option with one dash or two: `--rtc` and `-rtc` are one, and `-M` is short for `-machine`. */
function canonicalOption(word: string): string {
  const option = word.startsWith('--') ? word.slice(1) : word;
  return option === '-M' ? '-machine' : option;
}

/** The time-related settings in an option's value, in QEMU's order and with its aliases resolved. */
export function splitSettings(option: string, value: string): Setting[] {
  const settings =
    option === '-global' ? [readGlobal(value)] : value.split(',').map((it) => readSetting(option, it));
  return settings.filter(([key]) => TIME_KEYS[option]?.includes(key));
}

function readSetting(option: string, part: string): Setting {
  const equals = part.indexOf('=');
  if (equals >= 0) return [canonicalKey(option, part.slice(0, equals)), part.slice(equals + 1)];
  if (option === '-cpu' && part.startsWith('+'))
    return [canonicalKey(option, part.slice(1)), 'on', 'plus-minus'];
  if (option === '-cpu' && part.startsWith('-'))
    return [canonicalKey(option, part.slice(1)), 'off', 'plus-minus'];
  return [canonicalKey(option, part), 'on'];
}

/** `driver.property=value`, or the same in three keys; a property of any CPU model is one of the CPU. */
function readGlobal(value: string): Setting {
  const keys = new Map(
    value.split(',').map((part) => [part.split('=')[0] ?? '', part.slice(part.indexOf('=') + 1)]),
  );
  const long = keys.has('driver') && keys.has('property');
  const name = long ? `${keys.get('driver')}.${keys.get('property')}` : (value.split('=')[0] ?? '');
  const setting = long ? (keys.get('value') ?? '') : value.slice(value.indexOf('=') + 1);
  const property = /^(?:.*-)?cpu\.(.+)$/.exec(name)?.[1];
  return [property === undefined ? name : `cpu.${canonicalKey('-cpu', property)}`, setting];
}

/** CPU properties are written with `_` as well as with `-`. */
function canonicalKey(option: string, key: string): string {
  return option === '-cpu' ? key.replaceAll('_', '-') : key;
}

/** The arguments in libvirt's spelling, CPU properties one by one. */
export function spellArguments(args: readonly QemuArgument[]): string[] {
  return args.flatMap(({ option, settings }) => {
    const spelt = settings.filter(([key]) => !UNSPELT.test(key));
    const pairs = spelt.map(([key, value]) => (value === '' ? key : `${key}=${value}`));
    if (option === 'TZ') return pairs.map((value) => `TZ=${value}`);
    if (option === '-no-hpet') return [option];
    if (option === '-cpu') return pairs.map((pair) => `-cpu ${pair}`);
    return pairs.length > 0 ? [`${option} ${pairs.join(',')}`] : [];
  });
}
