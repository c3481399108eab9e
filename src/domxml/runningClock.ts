import type { EffectiveClock, EffectiveRtc } from '../facts/clock.js';
import type { QemuProcess } from '../facts/process.js';
import type { Clock } from './clockElement.js';
import { type Accelerator, effectiveClock } from './effectiveClock.js';
import { type Machine, machineSetting } from './machine.js';
import { processDifferences } from './processDifferences.js';
import { type QemuArgument, RUNNING_QEMU, timeArguments } from './qemuArgument.js';

/**
 * The clock that a running QEMU gives its guest. What comes out as the definition has it keeps the definition's wording
 * of what decided it, which is where an operator would change it.
 * @param definition - the clock that the definition comes to
 */
export function runningClock(
  machine: Machine,
  process: QemuProcess,
  clock: Clock,
  definition: EffectiveClock,
): { readonly effectiveClock: EffectiveClock; readonly processDifferences: readonly string[] } {
  // An environment that nobody could read leaves the zone to the definition.
  const zone = process.tzRead === false ? definition.tz : process.tz;
  const tz: QemuArgument[] =
    zone === null ? [] : [{ option: 'TZ', settings: [[zone, '']], by: `${RUNNING_QEMU} environment` }];
  const args = [...tz, ...timeArguments(process.args, RUNNING_QEMU)];
  const actual = effectiveClock(machine, args, clock, runningAccelerator(args, machine));
  const running = { ...actual, rtc: withVariableDate(actual.rtc, definition.rtc) };
  return {
    effectiveClock: {
      ...withFamiliarWording(running, definition),
      overrides: definition.overrides,
      readFrom: 'process',
    },
    processDifferences: processDifferences(running, definition),
  };
}

/** The accelerator of a command line: the first that is named, of which QEMU tries one after the other. */
function runningAccelerator(args: readonly QemuArgument[], { virtType }: Machine): Accelerator {
  const expected = { kvm: virtType === 'kvm', by: `domain type='${virtType}'` };
  const option = args.find((it) => it.option === '-accel')?.settings.find(([key]) => key === 'accel')?.[1];
  const ofMachine = machineSetting(args, 'accel')?.value;
  const name = option ?? ofMachine?.split(':')[0];
  if (name === undefined || (name === 'kvm') === expected.kvm) return expected;
  const spelt = option === undefined ? `-machine accel=${name}` : `-accel ${name}`;
  return { kvm: name === 'kvm', by: `${RUNNING_QEMU} ${spelt}` };
}

/** With `offset='variable'` libvirt computes the date when it starts QEMU, so any date stands for the adjustment. */
function withVariableDate(running: EffectiveRtc, definition: EffectiveRtc): EffectiveRtc {
  if (running.base !== 'datetime' || definition.adjustmentSeconds === null) return running;
  const { adjustmentSeconds, variableBasis, startSeconds, baseDecidedBy } = definition;
  return { ...running, adjustmentSeconds, variableBasis, startSeconds, baseDecidedBy };
}

function withFamiliarWording(running: EffectiveClock, definition: EffectiveClock): EffectiveClock {
  const rtc = running.rtc;
  const was = definition.rtc;
  const same = (key: keyof EffectiveClock) => running[key] === definition[key];
  const sameBase = rtc.base === was.base && rtc.startSeconds === was.startSeconds;
  return {
    ...running,
    rtc: {
      ...rtc,
      ...(sameBase && { baseDecidedBy: was.baseDecidedBy }),
      ...(rtc.clock === was.clock && { clockDecidedBy: was.clockDecidedBy }),
      ...(rtc.driftfix === was.driftfix && { driftfixDecidedBy: was.driftfixDecidedBy }),
    },
    ...(same('kvmclock') && { kvmclockDecidedBy: definition.kvmclockDecidedBy }),
    ...(same('hvTime') && { hvTimeDecidedBy: definition.hvTimeDecidedBy }),
    ...(same('hpet') && { hpetDecidedBy: definition.hpetDecidedBy }),
    ...(same('pitLostTickPolicy') && { pitDecidedBy: definition.pitDecidedBy }),
    ...(same('tz') && { tzDecidedBy: definition.tzDecidedBy }),
  };
}
