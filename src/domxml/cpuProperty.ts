import type { QemuArgument } from './qemuArgument.js';

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
): { value: string; by: string } | undefined {
  const cpu = args.findLast(({ option }) => option === '-cpu');
  const settings = cpu?.settings.filter(([name]) => name === key) ?? [];
  const signed = settings.filter(([, , style]) => style === 'plus-minus');
  const decisive = signed.find(([, value]) => isOff(value)) ?? signed[0] ?? settings.at(-1);
  if (cpu && decisive) return { value: decisive[1], by: `${cpu.by} -cpu` };
  const globals = args.filter(({ option }) => option === '-global');
  for (const { settings: properties, by } of globals.reverse()) {
    const found = properties.find(([name]) => name === `cpu.${key}`);
    if (found) return { value: found[1], by: `${by} -global` };
  }
  return undefined;
}
