import type { EffectiveRtc } from '../facts/clock.js';
import type { Clock } from './clockElement.js';
import { isOn } from './cpuProperty.js';
import { type Machine, machineSetting } from './machine.js';
import { isCommandLine, QEMU_DEFAULT, type QemuArgument, type Setting } from './qemuArgument.js';

/** A value and what decided it. */
interface Decided {
  readonly value: string;
  readonly by: string;
}

const TICK_POLICY = 'mc146818rtc.lost_tick_policy';

/**
 * Merges the keys of all `-rtc` as QEMU does it.
 * @see `configure_rtc` in QEMU's system/rtc.c
 */
export function rtcState(
  args: readonly QemuArgument[],
  clock: Clock,
  machine: Machine,
  kvm: boolean,
): EffectiveRtc {
  const base = lastKey(args, 'base', () => null) ?? { value: 'utc', by: QEMU_DEFAULT };
  const source = lastKey(args, 'clock', trackBy) ?? { value: 'host', by: QEMU_DEFAULT };
  const driftfix = tickPolicy(args) ??
    lastKey(args, 'driftfix', () => "timer rtc tickpolicy='catchup'") ?? { value: 'none', by: QEMU_DEFAULT };
  const fromXml = !isCommandLine(base.by);
  const isDate = base.value !== 'utc' && base.value !== 'localtime';
  const variable = fromXml && clock.offset === 'variable';
  return {
    present: hasRtc(machine, kvm, args),
    base: isDate ? 'datetime' : base.value === 'localtime' ? 'localtime' : 'utc',
    clock: source.value === 'vm' || source.value === 'rt' ? source.value : 'host',
    driftfix: driftfix.value === 'slew' ? 'slew' : 'none',
    adjustmentSeconds: variable ? clock.adjustmentSeconds : null,
    variableBasis: variable ? clock.basis : null,
    startSeconds: isDate && !variable ? fixedStart(base.value, fromXml, clock) : null,
    baseDecidedBy: base.by,
    clockDecidedBy: source.by,
    driftfixDecidedBy: driftfix.by,
  };
}

/** The last value of a key among all `-rtc`; an element is named for it where libvirt generated it. */
function lastKey(
  args: readonly QemuArgument[],
  key: string,
  element: (value: string) => string | null,
): Decided | null {
  const named = ([name]: Setting) => name === key;
  const last = args.findLast(({ option, settings }) => option === '-rtc' && settings.some(named));
  const value = last?.settings.findLast(named)?.[1];
  if (!last || value === undefined) return null;
  const by = isCommandLine(last.by) ? `${last.by} -rtc ${key}=${value}` : (element(value) ?? last.by);
  return { value, by };
}

/** A `-global` outweighs `driftfix`, wherever it stands: QEMU turns that into a weaker default of the same property. */
function tickPolicy(args: readonly QemuArgument[]): Decided | null {
  for (const { option, settings, by } of args.toReversed()) {
    const value = option === '-global' && settings.find(([key]) => key === TICK_POLICY)?.[1];
    if (value) return { value, by: `${by} -global ${TICK_POLICY}=${value}` };
  }
  return null;
}

/** s390x has a TOD clock instead; under KVM, microvm only has an RTC when it is asked for. */
function hasRtc({ arch, machine }: Machine, kvm: boolean, args: readonly QemuArgument[]): boolean {
  if (arch.startsWith('s390')) return false;
  return machine !== 'microvm' || !kvm || isOn(machineSetting(args, 'rtc')?.value);
}

function trackBy(value: string): string {
  return `timer rtc track='${value === 'vm' ? 'guest' : value === 'rt' ? 'realtime' : 'wall'}'`;
}

function fixedStart(date: string, fromXml: boolean, clock: Clock): number | null {
  if (fromXml) return clock.startSeconds;
  const milliseconds = Date.parse(
    /T.*(Z|[+-]\d\d:\d\d)$/.test(date) || !date.includes('T') ? date : `${date}Z`,
  );
  return Number.isNaN(milliseconds) ? null : milliseconds / 1000;
}
