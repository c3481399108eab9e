/**
 * One QEMU argument, or the `TZ` of its environment, reduced to the keys that decide the guest's clock.
 * Both what libvirt generates and what `qemu:commandline` adds are brought into this form.
 */
export interface QemuArgument {
  readonly option: '-rtc' | '-cpu' | '-machine' | '-global' | '-no-hpet' | '-icount' | 'TZ';
  readonly settings: readonly (readonly [key: string, value: string])[];
  /** Where it comes from, for the report, such as `timer rtc track='guest'` or `qemu:arg`. */
  readonly by: string;
}

const TIME_KEYS: Readonly<Record<string, readonly string[]>> = {
  '-rtc': ['base', 'clock', 'driftfix'],
  '-cpu': ['kvmclock', 'kvm', 'hv-time', 'hv-passthrough', 'tsc-frequency', 'invtsc', 'kvm-no-adjvtime'],
  '-machine': ['hpet', 'rtc'],
  '-global': ['kvm-pit.lost_tick_policy', 'mc146818rtc.lost_tick_policy'],
};

/** The options that take no value; every other one takes the next word. See QEMU's qemu-options.hx. */
const FLAGS = new Set(
  `-h -help -version -mem-prealloc -audio-help -snapshot -no-fd-bootchk -usb -nographic -curses -portrait
  -full-screen -win2k-hack -no-acpi -no-hpet -singlestep -preconfig -S -s -enable-kvm -xen-attach
  -xen-domid-restrict -no-reboot -no-shutdown -daemonize -nodefaults -only-migratable -no-user-config
  -nouserconfig -enable-sync-profile -enable-fips -semihosting -old-param -no-kvm -sdl`.split(/\s+/),
);

/**
 * Picks the arguments with a say in the clock out of a QEMU command line.
 * @param words - the arguments, without the program's name
 * @see qemu(1), options -rtc, -cpu, -machine, -global and -icount
 */
export function timeArguments(words: readonly string[], by: string): QemuArgument[] {
  const found: QemuArgument[] = [];
  for (let index = 0; index < words.length; index++) {
    const option = canonicalOption(words[index] ?? '');
    if (FLAGS.has(option) && option !== '-no-hpet') continue;
    if (option === '-no-hpet') {
      found.push({ option, settings: [], by });
    } else if (option === '-icount') {
      found.push({ option, settings: [[words[++index] ?? '', '']], by });
    } else if (option === '-rtc' || option === '-cpu' || option === '-machine' || option === '-global') {
      const settings = splitSettings(option, words[++index] ?? '');
      // A -cpu without any of the keys still counts: it replaces the whole of libvirt's.
      if (settings.length > 0 || option === '-cpu') found.push({ option, settings, by });
    } else if (option.startsWith('-')) {
      // Whatever it looks like, the next word is this option's value.
      index++;
    }
  }
  return found;
}

/** QEMU takes an option with one dash or two: `--rtc` and `-rtc` are one, and `-M` is short for `-machine`. */
export function canonicalOption(word: string): string {
  const option = word.startsWith('--') ? word.slice(1) : word;
  return option === '-M' ? '-machine' : option;
}

/** The time-related settings in an option's value, in QEMU's order and with its aliases resolved. */
export function splitSettings(option: string, value: string): [string, string][] {
  const settings: [string, string][] = [];
  for (const part of value.split(',')) {
    const [key, setting] = readSetting(option, part);
    if (TIME_KEYS[option]?.includes(key)) settings.push([key, setting]);
  }
  return settings;
}

function readSetting(option: string, part: string): [string, string] {
  const equals = part.indexOf('=');
  if (equals >= 0) return [canonicalKey(option, part.slice(0, equals)), part.slice(equals + 1)];
  if (option === '-cpu' && part.startsWith('+')) return [canonicalKey(option, part.slice(1)), 'on'];
  if (option === '-cpu' && part.startsWith('-')) return [canonicalKey(option, part.slice(1)), 'off'];
  return [canonicalKey(option, part), 'on'];
}

/** CPU properties are written with `_` as well as with `-`. */
function canonicalKey(option: string, key: string): string {
  return option === '-cpu' ? key.replaceAll('_', '-') : key;
}

/** The arguments in libvirt's spelling, CPU properties one by one; whether there is an RTC is not among them. */
export function spellArguments(args: readonly QemuArgument[]): string[] {
  return args.flatMap(({ option, settings }) => {
    const spelt = settings.filter(([key]) => option !== '-machine' || key !== 'rtc');
    const pairs = spelt.map(([key, value]) => (value === '' ? key : `${key}=${value}`));
    if (option === 'TZ') return pairs.map((value) => `TZ=${value}`);
    if (option === '-no-hpet') return [option];
    if (option === '-cpu') return pairs.map((pair) => `-cpu ${pair}`);
    return pairs.length > 0 ? [`${option} ${pairs.join(',')}`] : [];
  });
}
