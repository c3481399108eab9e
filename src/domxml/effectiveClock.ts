import type { EffectiveClock } from '../facts/clock.js';
import { hpetState, pitState } from './boardTimers.js';
import type { Clock } from './clockElement.js';
import { withoutForeignGlobals } from './cpuGlobals.js';
import { cpuProperty, isOn } from './cpuProperty.js';
import { hypervState } from './hypervState.js';
import { kvmclockState } from './kvmclockState.js';
import { isArmVirt, isX86, type Machine, machineSetting } from './machine.js';
import type { QemuArgument } from './qemuArgument.js';
import { rtcState } from './rtcState.js';
import { spellArguments } from './spelling.js';

export { isArmVirt, isX86, type Machine };

/** The accelerator that runs the guest, where it is not the one that the domain's type names. */
export interface Accelerator {
  readonly kvm: boolean;
  readonly by: string;
}

/**
 * Merges the arguments in QEMU's way: the keys of all `-rtc` in order, only the last `-cpu`, the last
 * `-global` of a property. With the arguments of a running QEMU it says what runs; with those that libvirt
 * generates, what the next start will get.
 * @param words - what decides, in command line order
 * @param clock - the `<clock>`, for what a command line does not tell (the adjustment behind a date)
 * @param accelerator - by default the one that the domain's type names
 */
export function effectiveClock(
  domain: Machine,
  words: readonly QemuArgument[],
  clock: Clock,
  accelerator: Accelerator = { kvm: domain.virtType === 'kvm', by: `domain type='${domain.virtType}'` },
): EffectiveClock {
  const args = withoutForeignGlobals(words, domain.arch);
  const machine = { ...domain, machine: machineSetting(args, 'type')?.value ?? domain.machine };
  const x86 = isX86(machine.arch);
  const { kvm } = accelerator;
  const cpu = (key: string) => cpuProperty(args, key)?.value;
  const flag = (key: string) => (cpu(key) === undefined ? null : isOn(cpu(key)));
  const tscFrequencyHz = wholeNumber(cpu('tsc-frequency') ?? '');
  const tz = args.findLast(({ option }) => option === 'TZ');
  return {
    rtc: rtcState(args, clock, machine, kvm),
    ...kvmclockState(args, x86, accelerator),
    ...hypervState(args, x86, accelerator),
    ...hpetState(args, clock, machine),
    ...pitState(args, machine, accelerator),
    tscFrequencyHz: tscFrequencyHz > 0 ? tscFrequencyHz : null,
    invtsc: flag('invtsc'),
    migratable: flag('migratable'),
    armVirtualCounterStopsOnPause:
      kvm && isArmVirt(machine.arch, machine.machine) ? !isOn(cpu('kvm-no-adjvtime')) : null,
    tz: tz?.settings[0]?.[0] ?? null,
    tzDecidedBy: tz?.by ?? null,
    overrides: [],
    recordReplay: args.some(({ option }) => option === '-icount'),
    qemuArgs: spellArguments(args),
    readFrom: 'definition',
  };
}

/** QEMU does not start with anything else; 0 stands for that too. */
function wholeNumber(text: string): number {
  return /^(\d+|0x[\da-f]+)$/i.test(text) ? Number(text) : 0;
}
