import { optionWords } from '../facts/qemuOptions.js';
import { metricSize } from './metricSize.js';

export { optionWords };

/**
 * One QEMU argument, or the `TZ` of its environment, reduced to the keys that decide the guest's clock.
 * Whatever libvirt generates, `qemu:commandline` adds and a running QEMU was given is brought into this form.
 */
export interface QemuArgument {
  readonly option: '-rtc' | '-cpu' | '-machine' | '-accel' | '-global' | '-no-hpet' | '-icount' | 'TZ';
  readonly settings: readonly Setting[];
  /** Where it comes from, for the report, such as `timer rtc track='guest'` or `qemu:arg`. */
  readonly by: string;
  /** The model that a `-cpu` names; without it nobody knows. */
  readonly model?: string;
  /** The type whose property a `-global` of a CPU sets, such as `qemu64-x86_64-cpu`. */
  readonly driver?: string;
}

/**
 * A key and its value. A CPU feature written `+x` or `-x` is marked, since QEMU applies those last, and one that
 * libvirt's policy `forbid` switches off, for the report.
 */
export type Setting = readonly [key: string, value: string, style?: 'plus-minus' | 'forbid'];

/** What decides where nothing is said. */
export const QEMU_DEFAULT = "QEMU's default";

/** What the arguments of a running QEMU are said to come from. */
export const RUNNING_QEMU = "the running QEMU's";

/** Whether a source is a command line, so that the argument itself is worth naming, rather than an element. */
export function isCommandLine(by: string): boolean {
  return by.startsWith('qemu:') || by.startsWith(RUNNING_QEMU);
}

const CPU_KEYS = /^(kvmclock|kvm|hypervisor|hv-.+|tsc-frequency|invtsc|kvm-no-adjvtime|migratable)$/;
/** The types of CPUs, from QEMU's common one to a model's. */
const CPU_TYPE = /^(?:.*-)?cpu$/;
const GLOBALS = new Set(['kvm-pit.lost_tick_policy', 'mc146818rtc.lost_tick_policy']);
const OPTION_KEYS: Readonly<Record<string, readonly string[]>> = {
  '-rtc': ['base', 'clock', 'driftfix'],
  '-machine': ['type', 'hpet', 'rtc', 'pit', 'accel', 'kernel-irqchip'],
  '-accel': ['accel', 'kernel-irqchip'],
};
/** What the first part of a value names when it is no `key=value`. */
const IMPLIED_KEYS: Readonly<Record<string, string>> = { '-machine': 'type', '-accel': 'accel' };

/**
 * Picks the arguments with a say in the clock out of a QEMU command line.
 * @param words - the arguments, without the program's name
 * @see qemu(1), options -rtc, -cpu, -machine, -accel, -global and -icount
 */
export function timeArguments(words: readonly string[], by: string): QemuArgument[] {
  const found: QemuArgument[] = [];
  for (const { option, valueIndex } of optionWords(words)) {
    const value = valueIndex === null ? '' : (words[valueIndex] ?? '');
    switch (option) {
      case '-no-hpet':
        found.push({ option, settings: [], by });
        break;
      case '-icount':
        found.push({ option, settings: [[value, '']], by });
        break;
      case '-enable-kvm':
        // QEMU makes it a key of the machine, which it replaces, and not one more -accel to try.
        found.push({ option: '-machine', settings: [['accel', 'kvm']], by });
        break;
      case '-cpu': {
        // One without any of the keys still counts: it replaces the whole of libvirt's. The model is no property.
        const comma = value.indexOf(',');
        found.push({
          option,
          settings: comma < 0 ? [] : splitSettings(option, value.slice(comma + 1)),
          by,
          model: comma < 0 ? value : value.slice(0, comma),
        });
        break;
      }
      case '-rtc':
      case '-machine':
      case '-accel': {
        const settings = splitSettings(option, value);
        if (settings.length > 0) found.push({ option, settings, by });
        break;
      }
      case '-global': {
        const settings = splitSettings(option, value);
        const { driver } = globalProperty(value);
        if (settings.length > 0)
          found.push({ option, settings, by, ...(CPU_TYPE.test(driver) && { driver }) });
        break;
      }
    }
  }
  return found;
}

/** The time-related settings in an option's value, in QEMU's order and with its aliases resolved. */
export function splitSettings(option: string, value: string): Setting[] {
  if (option === '-global') return [readGlobal(value)].filter(([key]) => isTimeGlobal(key));
  // QEMU reads properties of a CPU with strtok(), which knows no doubled comma; everywhere else that is a literal one.
  const parts =
    option === '-cpu' || !value.includes(',,')
      ? value.split(',')
      : value
          .replaceAll(',,', '\0')
          .split(',')
          .map((part) => part.replaceAll('\0', ','));
  return parts
    .map((part, position) => readSetting(option, part, position))
    .filter(([key]) => (option === '-cpu' ? CPU_KEYS.test(key) : OPTION_KEYS[option]?.includes(key)));
}

function isTimeGlobal(key: string): boolean {
  return GLOBALS.has(key) || (key.startsWith('cpu.') && CPU_KEYS.test(key.slice('cpu.'.length)));
}

function readSetting(option: string, part: string, position: number): Setting {
  const equals = part.indexOf('=');
  if (equals >= 0) {
    const [key, value] = [canonicalKey(option, part.slice(0, equals)), part.slice(equals + 1)];
    // Only so, and only in -cpu: QEMU turns it into the property before it looks for one.
    return option === '-cpu' && key === 'tsc-freq'
      ? ['tsc-frequency', metricSize(value)?.toString() ?? value]
      : [key, value];
  }
  if (option === '-cpu' && part.startsWith('+'))
    return [canonicalKey(option, part.slice(1)), 'on', 'plus-minus'];
  if (option === '-cpu' && part.startsWith('-'))
    return [canonicalKey(option, part.slice(1)), 'off', 'plus-minus'];
  const implied = position === 0 ? IMPLIED_KEYS[option] : undefined;
  return implied === undefined ? [canonicalKey(option, part), 'on'] : [implied, part];
}

/** A property of any type of CPU is one of the CPU; which type counts is the whole command line's to decide. */
function readGlobal(value: string): Setting {
  const { driver, property, setting } = globalProperty(value);
  return CPU_TYPE.test(driver)
    ? [`cpu.${canonicalKey('-cpu', property)}`, setting]
    : [`${driver}.${property}`, setting];
}

/** Takes the value of a `-global` apart: `driver.property=value`, or the same in three keys. */
export function globalProperty(value: string): { driver: string; property: string; setting: string } {
  const keys = new Map(
    value.split(',').map((part) => [part.split('=')[0] ?? '', part.slice(part.indexOf('=') + 1)]),
  );
  const [long, named] = [keys.get('driver'), keys.get('property')];
  if (long !== undefined && named !== undefined) {
    return { driver: long, property: named, setting: keys.get('value') ?? '' };
  }
  const name = value.split('=')[0] ?? '';
  const dot = name.indexOf('.');
  const setting = value.slice(value.indexOf('=') + 1);
  return { driver: name.slice(0, Math.max(dot, 0)), property: name.slice(dot + 1), setting };
}

/** Properties of a CPU, a machine and an accelerator are written with `_` as well as with `-`. */
function canonicalKey(option: string, key: string): string {
  return option === '-rtc' ? key : key.replaceAll('_', '-');
}
