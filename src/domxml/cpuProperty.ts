import type { QemuArgument, Setting } from './qemuArgument.js';

/** Whether QEMU reads a value as false; anything else that it accepts is true. */
export function isOff(value: string | undefined): boolean {
  return value !== undefined && /^(off|no|false|n)$/.test(value);
}

/** Whether QEMU reads a value as true. */
export function isOn(value: string | undefined): boolean {
  return value !== undefined && !isOff(value);
}

/**
 * What a command line makes of a CPU property: only the last `-cpu` counts; in it `-x` beats `+x`, which beats
 * the last `x=…`; below all of them is a `-global` of the CPU.
 * @returns the value with where it was said, or undefined when nothing says anything
 * @see `x86_cpu_parse_featurestr` in QEMU's target/i386/cpu.c
 */
export function cpuProperty(
  args: readonly QemuArgument[],
  key: string,
): { value: string; by: string; style?: Setting[2] } | undefined {
  const cpu = lastCpu(args);
  const settings = cpu?.settings.filter(([name]) => name === key) ?? [];
  const signed = settings.filter(([, , style]) => style === 'plus-minus');
  const decisive = signed.find(([, value]) => isOff(value)) ?? signed[0] ?? settings.at(-1);
  if (cpu && decisive) {
    const [, value, style] = decisive;
    return { value, by: `${cpu.by} -cpu`, ...(style && { style }) };
  }
  for (const { settings: properties, by } of args.filter(isGlobal).reverse()) {
    const found = properties.find(([name]) => name === `cpu.${key}`);
    if (found) return { value: found[1], by: `${by} -global` };
  }
  return undefined;
}

/** The time-related CPU properties that are in force somewhere on a command line, each once. */
export function cpuProperties(args: readonly QemuArgument[]): string[] {
  const keys = new Set(lastCpu(args)?.settings.map(([key]) => key));
  for (const [key] of args.filter(isGlobal).flatMap(({ settings }) => settings)) {
    if (key.startsWith('cpu.')) keys.add(key.slice('cpu.'.length));
  }
  return [...keys];
}

function lastCpu(args: readonly QemuArgument[]): QemuArgument | undefined {
  return args.findLast(({ option }) => option === '-cpu');
}

function isGlobal({ option }: QemuArgument): boolean {
  return option === '-global';
}
