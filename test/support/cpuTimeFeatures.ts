const timeKeys = new Set([
  'kvmclock',
  'kvm',
  'hypervisor',
  'hv-time',
  'hv-passthrough',
  'invtsc',
  'kvm-no-adjvtime',
  'tsc-frequency',
  'migratable',
  'hv-vpindex',
  'hv-synic',
  'hv-stimer',
  'hv-stimer-direct',
  'hv-reenlightenment',
  'hv-frequencies',
]);
const switches: Readonly<Record<string, string>> = {
  yes: 'on',
  true: 'on',
  y: 'on',
  no: 'off',
  false: 'off',
  n: 'off',
};

/**
 * The time-related settings among the properties of a `-cpu` value (without the model), each as `key=value`,
 * in their order. `+feature`, `-feature`, a bare feature and underscores are QEMU's older spellings.
 */
export function cpuTimeFeatures(properties: readonly string[]): string[] {
  return properties
    .map(settingOf)
    .filter(([key]) => timeKeys.has(key))
    .map(([key, value]) => `${key}=${value}`);
}

function settingOf(property: string): [key: string, value: string] {
  const sign = property.charAt(0);
  if (sign === '+') return [keyOf(property.slice(1)), 'on'];
  if (sign === '-') return [keyOf(property.slice(1)), 'off'];
  const equals = property.indexOf('=');
  if (equals < 0) return [keyOf(property), 'on'];
  const value = property.slice(equals + 1);
  const key = keyOf(property.slice(0, equals));
  // QEMU's other name for the frequency, which alone takes a suffix.
  if (key === 'tsc-freq') return ['tsc-frequency', String(hertz(value))];
  return [key, switches[value] ?? value];
}

function hertz(value: string): number {
  const power = 'KMG'.indexOf(value.slice(-1)) + 1;
  return power === 0 ? Number(value) : Number(value.slice(0, -1)) * 1000 ** power;
}

function keyOf(name: string): string {
  return name.replaceAll('_', '-');
}
