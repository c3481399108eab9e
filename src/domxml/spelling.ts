import type { QemuArgument } from './qemuArgument.js';

/** The properties by which libvirt spells what a definition says of the time, out of those that decide something. */
const SPELT: Readonly<Record<string, ReadonlySet<string>>> = {
  '-rtc': new Set(['base', 'clock', 'driftfix']),
  '-machine': new Set(['hpet']),
  '-global': new Set(['kvm-pit.lost_tick_policy', 'mc146818rtc.lost_tick_policy']),
  '-cpu': new Set([
    ...[
      'kvmclock',
      'kvm',
      'hypervisor',
      'tsc-frequency',
      'invtsc',
      'kvm-no-adjvtime',
      'migratable',
      'hv-passthrough',
    ],
    ...['hv-time', 'hv-vpindex', 'hv-synic', 'hv-stimer', 'hv-stimer-direct', 'hv-reenlightenment'],
    'hv-frequencies',
  ]),
};

/** What QEMU also takes for on and off. */
const SWITCHES: ReadonlyMap<string, string> = new Map([
  ...['yes', 'true', 'y'].map((word) => [word, 'on'] as const),
  ...['no', 'false', 'n'].map((word) => [word, 'off'] as const),
]);

/** The time-related arguments in libvirt's spelling, CPU properties one by one. */
export function spellArguments(args: readonly QemuArgument[]): string[] {
  return args.flatMap(({ option, settings }) => {
    if (option === 'TZ') return settings.map(([zone]) => `TZ=${zone}`);
    if (option === '-no-hpet') return [option];
    if (option === '-icount') return settings.map(([value]) => `-icount ${value}`);
    const pairs = settings
      .filter(([key]) => SPELT[option]?.has(key))
      .map(([key, value]) => `${key}=${SWITCHES.get(value) ?? value}`);
    if (option === '-cpu') return pairs.map((pair) => `-cpu ${pair}`);
    return pairs.length > 0 ? [`${option} ${pairs.join(',')}`] : [];
  });
}
