import type { EffectiveClock, EffectiveRtc } from '../facts/clock.js';
import type { Clock } from './clockElement.js';
import { cpuProperty, isOff, isOn } from './cpuProperty.js';
import { kvmclockState } from './kvmclockState.js';
import { type QemuArgument, spellArguments } from './qemuArgument.js';

/** The machine whose clock is asked for. */
export interface Machine {
  readonly virtType: string;
  readonly arch: string;
  readonly machine: string | undefined;
}

/**
 * Merges the arguments in QEMU's way: the keys of all `-rtc` in order, only the last `-cpu`, the last
 * `-global` of a property. With the arguments of a running QEMU it says what runs; with those that libvirt
 * generates, what the next start will get.
 * @param args - what decides, in command line order
 * @param clock - the `<clock>`, for what a command line does not tell (the adjustment behind a date)
 */
export function effectiveClock(
  { virtType, arch, machine }: Machine,
  args: readonly QemuArgument[],
  clock: Clock,
): EffectiveClock {
  const x86 = isX86(arch);
  const kvm = virtType === 'kvm';
  const cpu = (key: string) => cpuProperty(args, key)?.value;
  const tscFrequency = Number(cpu('tsc-frequency'));
  const hvTime = isOn(cpu('hv-time')) || isOn(cpu('hv-passthrough'));
  const tz = args.findLast(({ option }) => option === 'TZ');
  const pit = globalValue(args, 'kvm-pit.lost_tick_policy') === 'discard' ? 'discard' : 'delay';
  return {
    rtc: effectiveRtc(args, clock, hasRtc(arch, machine, kvm, args)),
    ...kvmclockState(args, { x86, virtType }),
    hvTime: !x86 ? 'not-applicable' : !hvTime ? 'off' : kvm ? 'on' : 'inert',
    hpet: hasHpet(x86, machine) ? effectiveHpet(args) : 'not-applicable',
    pitLostTickPolicy: x86 && kvm && machine !== 'microvm' ? pit : null,
    tscFrequencyHz: tscFrequency > 0 ? tscFrequency : null,
    invtsc: cpu('invtsc') === undefined ? null : isOn(cpu('invtsc')),
    armVirtualCounterStopsOnPause: kvm && isArmVirt(arch, machine) ? !isOn(cpu('kvm-no-adjvtime')) : null,
    tz: tz?.settings[0]?.[0] ?? null,
    tzDecidedBy: tz?.by ?? null,
    commandlineOverrides: args.some(({ by }) => by.startsWith('qemu:')),
    recordReplay: args.some(({ option }) => option === '-icount'),
    qemuArgs: spellArguments(args),
  };
}

/** Whether libvirt counts the architecture as x86 (`ARCH_IS_X86`). */
export function isX86(arch: string): boolean {
  return arch === 'x86_64' || arch === 'i686';
}

/** Whether it is ARM's `virt` machine, the only one with the armvtimer. */
export function isArmVirt(arch: string, machine: string | undefined): boolean {
  return (arch === 'aarch64' || arch === 'armv7l') && /^virt(-|$)/.test(machine ?? '');
}

function effectiveRtc(args: readonly QemuArgument[], clock: Clock, present: boolean): EffectiveRtc {
  let base = { value: 'utc', by: "QEMU's default" };
  let source = { value: 'host', by: "QEMU's default" };
  let driftfix = 'none';
  for (const { option, settings, by } of args) {
    if (option === '-global') {
      for (const [key, value] of settings) {
        if (key === 'mc146818rtc.lost_tick_policy') driftfix = value === 'slew' ? 'slew' : 'none';
      }
    }
    if (option !== '-rtc') continue;
    const passed = by.startsWith('qemu:');
    for (const [key, value] of settings) {
      if (key === 'base') base = { value, by: passed ? `${by} -rtc base=${value}` : by };
      else if (key === 'clock') source = { value, by: passed ? `${by} -rtc clock=${value}` : clockBy(value) };
      else if (key === 'driftfix') driftfix = value;
    }
  }
  const fromXml = !base.by.startsWith('qemu:');
  const isDate = base.value !== 'utc' && base.value !== 'localtime';
  const variable = fromXml && clock.offset === 'variable';
  return {
    present,
    base: isDate ? 'datetime' : base.value === 'localtime' ? 'localtime' : 'utc',
    clock: source.value === 'vm' || source.value === 'rt' ? source.value : 'host',
    driftfix: driftfix === 'slew' ? 'slew' : 'none',
    adjustmentSeconds: variable ? clock.adjustmentSeconds : null,
    variableBasis: variable ? clock.basis : null,
    startSeconds: isDate && !variable ? fixedStart(base.value, fromXml, clock) : null,
    baseDecidedBy: base.by,
    clockDecidedBy: source.by,
  };
}

/** s390x has a TOD clock instead; under KVM, microvm only has an RTC when it is asked for. */
function hasRtc(
  arch: string,
  machine: string | undefined,
  kvm: boolean,
  args: readonly QemuArgument[],
): boolean {
  if (arch.startsWith('s390')) return false;
  if (machine !== 'microvm' || !kvm) return true;
  const asked = args.filter(({ option }) => option === '-machine').flatMap(({ settings }) => settings);
  return isOn(asked.findLast(([key]) => key === 'rtc')?.[1]);
}

function clockBy(value: string): string {
  return `timer rtc track='${value === 'vm' ? 'guest' : value === 'rt' ? 'realtime' : 'wall'}'`;
}

function fixedStart(date: string, fromXml: boolean, clock: Clock): number | null {
  if (fromXml) return clock.startSeconds;
  const milliseconds = Date.parse(
    /T.*(Z|[+-]\d\d:\d\d)$/.test(date) || !date.includes('T') ? date : `${date}Z`,
  );
  return Number.isNaN(milliseconds) ? null : milliseconds / 1000;
}

function hasHpet(x86: boolean, machine = 'pc'): boolean {
  return x86 && !/^(microvm|isapc|xenfv|xenpv|none)/.test(machine);
}

function effectiveHpet(args: readonly QemuArgument[]): 'on' | 'off' {
  let hpet: 'on' | 'off' = 'on';
  for (const { option, settings } of args) {
    if (option === '-no-hpet') hpet = 'off';
    for (const [key, value] of option === '-machine' ? settings : []) {
      if (key === 'hpet') hpet = isOff(value) ? 'off' : 'on';
    }
  }
  return hpet;
}

function globalValue(args: readonly QemuArgument[], property: string): string | undefined {
  return args
    .filter(({ option }) => option === '-global')
    .flatMap(({ settings }) => settings)
    .findLast(([key]) => key === property)?.[1];
}
