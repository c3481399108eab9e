import { optionWords } from '../facts/qemuOptions.js';
import type { Passthrough } from './passthrough.js';
import { globalProperty, timeArguments } from './qemuArgument.js';

/** libvirt's names for what QEMU can do, as far as they change the arguments that it generates for a clock. */
const CLOCK_CAPABILITIES = new Set([
  ...['kvm-pit-lost-tick-policy', 'no-hpet', 'machine-hpet', 'cpu.kvm-no-adjvtime', 'cpu.migratable'],
]);
/** What decides the zone that QEMU takes for local time, or which code answers when it asks for the time. */
const CLOCK_VARIABLE = /^(TZ|TZDIR|LD_PRELOAD|LD_LIBRARY_PATH|LD_AUDIT|(.*_)?FAKETIME.*)$/;
const CLOCK_DEVICES = new Set(['mc146818rtc', 'kvm-pit']);
/** A definition may hold any number; what an operator has to look at is clear before that. */
const MOST_OVERRIDES = 100;
/** A value is only shown; more of it does not help an operator to find it. */
const LONGEST_VALUE = 200;

/**
 * What the QEMU driver's own elements say about the clock, as an operator would look for it.
 * @see {@link https://libvirt.org/drvqemu.html#pass-through-of-arbitrary-qemu-commands}
 */
export function readOverrides({ args, env, addedCapabilities, deletedCapabilities }: Passthrough): string[] {
  const overrides: string[] = [];
  const words = args.map(({ value }) => value);
  for (const { option, valueIndex } of optionWords(words)) {
    const value = valueIndex === null ? [] : [words[valueIndex] ?? ''];
    // A file of options may hold any of the others, and only QEMU reads it.
    if (option === '-readconfig' || concernsClock([option, ...value])) {
      overrides.push(['qemu:arg', option, ...value.map(shorten)].join(' '));
    }
  }
  for (const { name, value } of env) {
    if (CLOCK_VARIABLE.test(name)) overrides.push(`qemu:env ${shorten(name)}=${shorten(value)}`);
  }
  const capabilities = { add: addedCapabilities, del: deletedCapabilities };
  for (const [action, names] of Object.entries(capabilities)) {
    for (const name of names) {
      if (CLOCK_CAPABILITIES.has(name)) overrides.push(`qemu:capabilities ${action} ${name}`);
    }
  }
  return [...new Set(overrides)].slice(0, MOST_OVERRIDES);
}

function concernsClock(words: readonly string[]): boolean {
  const [option, value = ''] = words;
  if (option === '-global' && CLOCK_DEVICES.has(globalProperty(value).driver)) return true;
  return timeArguments(words, '').some(
    ({ option, settings }) => option !== '-machine' || settings.some(([key]) => key !== 'type'),
  );
}

function shorten(value: string): string {
  return value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE)}…` : value;
}
