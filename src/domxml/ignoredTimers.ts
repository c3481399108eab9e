import type { IgnoredSetting } from '../facts/definition.js';
import type { Timer } from './clockElement.js';
import { isForeignTimer } from './foreignTimers.js';
import type { SettingsInForce } from './ignoredSettings.js';
import { isX86 } from './machine.js';
import { outvotedTimers } from './outvotedTimers.js';
import { ownAttributes, settingText } from './settingText.js';
import { childrenNamed, type XmlElement } from './tree.js';

type InForce = Omit<SettingsInForce, 'domain' | 'passthrough'>;
type Reason = Pick<IgnoredSetting, 'because' | 'contradicts'>;

const TIMER_ATTRIBUTES = new Set(['name', 'present', 'tickpolicy', 'track', 'frequency', 'mode']);
const CATCHUP_ATTRIBUTES = new Set(['threshold', 'slew', 'limit']);

/**
 * What is written in the `<timer>` elements and has no effect.
 * @see `qemuBuildClockCommandLine` and `qemuBuildCpuCommandLine` in libvirt's src/qemu/qemu_command.c
 */
export function ignoredTimerSettings(inForce: InForce): IgnoredSetting[] {
  const timers = inForce.clock.timers.filter((timer) => !isForeignTimer(timer, inForce.machine));
  const outvoted = outvotedTimers(timers, inForce.effectiveClock);
  return timers.flatMap((timer) => {
    const loses = outvoted.get(timer);
    if (loses) return { setting: settingText(timer.element), ...loses };
    return [
      ...ignoredAttributes(timer, inForce),
      ...unknownAttributes(timer.element, TIMER_ATTRIBUTES),
      ...ignoredChildren(timer.element),
    ];
  });
}

function ignoredAttributes(timer: Timer, inForce: InForce): IgnoredSetting[] {
  const { element, name } = timer;
  const { tickpolicy, track, frequency, mode, present } = element.attributes;
  const reasons: [attribute: string, value: string | undefined, reason: Reason | null][] = [
    ['present', present, presentIgnored(timer, inForce)],
    ['tickpolicy', tickpolicy, tickpolicyIgnored(timer, inForce)],
    ['track', track, inForce.effectiveClock.rtc.present ? null : noEffect('this machine has no RTC')],
    [
      'frequency',
      frequency,
      timer.frequencyHz === null ? noEffect('libvirt takes a frequency of 0 for none') : null,
    ],
    ['mode', mode, noEffect('libvirt does not hand it on to QEMU')],
  ];
  const ignored = reasons.flatMap(([attribute, value, reason]) =>
    value === undefined || reason === null
      ? []
      : { setting: settingText(element, [[attribute, value]]), ...reason },
  );
  const bare = BARE.get(name);
  return bare && ownAttributes(element).length === 1
    ? [{ setting: settingText(element), ...noEffect(bare) }]
    : ignored;
}

/** Why an element with nothing but its name does nothing. */
const BARE: ReadonlyMap<string, string> = new Map([
  ['kvmclock', 'without present it leaves the default as it is'],
  ['hypervclock', 'without present it leaves the default as it is'],
  ['hpet', 'without present it leaves the default as it is'],
  ['tsc', 'without a frequency it leaves the TSC as it is'],
]);

function presentIgnored(timer: Timer, { machine, effectiveClock }: InForce): Reason | null {
  const { name, present } = timer;
  const { rtc, kvmclock, hvTime, hvTimeDecidedBy, hpet } = effectiveClock;
  // What only restates the truth misleads nobody; KubeVirt writes present='yes' everywhere.
  const switchless = (inPlace: boolean): Reason | null =>
    present === inPlace
      ? null
      : noEffect(
          `libvirt does not look at present: the machine ${inPlace ? 'has' : 'does not have'} this timer either way`,
        );
  switch (name) {
    case 'rtc':
      return switchless(rtc.present);
    case 'pit':
    case 'tsc':
    case 'armvtimer':
      return switchless(true);
    case 'hpet':
      // QEMU does not know the switch of a microvm at all and will not start with it.
      if (hpet !== 'not-applicable' || machine.machine === 'microvm') return null;
      return { because: 'this machine has no HPET', contradicts: present === true };
    case 'kvmclock':
      // A timer that asks for kvm-clock in vain is judged with kvm-clock itself.
      if (present || kvmclock !== 'inert') return null;
      return noEffect(`a domain of type '${machine.virtType}' has no kvm-clock`);
    case 'hypervclock':
      if (present && hvTime === 'inert') {
        return noEffect(`a domain of type '${machine.virtType}' has no Hyper-V reference time`);
      }
      // Said for the absence of the timer, it outvotes nothing that switches it on.
      if (present || hvTime !== 'on') return null;
      return { because: `the Hyper-V reference time is on, by ${hvTimeDecidedBy}`, contradicts: true };
    default:
      return null;
  }
}

function tickpolicyIgnored({ name, tickpolicy }: Timer, { machine, effectiveClock }: InForce): Reason | null {
  switch (name) {
    case 'rtc':
      if (tickpolicy !== 'catchup') return null;
      if (!effectiveClock.rtc.present) return noEffect('this machine has no RTC');
      return isX86(machine.arch) ? null : noEffect(`the RTC of ${machine.arch} machines has no lost ticks`);
    case 'pit':
      if (tickpolicy === 'catchup')
        return noEffect("KVM's PIT knows delay and discard only, and keeps to delay");
      if (tickpolicy !== 'discard' || effectiveClock.pitLostTickPolicy !== null) return null;
      return noEffect("only KVM's PIT has a tick policy");
    case 'hpet':
    case 'tsc':
      return noEffect('libvirt does not hand it on to QEMU');
    default:
      return null;
  }
}

function noEffect(because: string): Reason {
  return { because, contradicts: false };
}

function unknownAttributes(element: XmlElement, known: ReadonlySet<string>): IgnoredSetting[] {
  return ownAttributes(element)
    .filter(([name]) => !known.has(name))
    .map((attribute) => ({
      setting: settingText(element, [attribute]),
      ...noEffect('libvirt does not know the attribute'),
    }));
}

function ignoredChildren(timer: XmlElement): IgnoredSetting[] {
  const catchups = new Set(childrenNamed(timer, 'catchup'));
  const unknown = timer.children.filter((element) => !catchups.has(element));
  const inTimer = `in ${settingText(timer, [])}`;
  return [
    ...[...catchups].flatMap((catchup) => {
      const limits = ownAttributes(catchup).filter(([name]) => CATCHUP_ATTRIBUTES.has(name));
      const written = {
        setting: `${settingText(catchup, limits)} ${inTimer}`,
        ...noEffect('QEMU has no such limits'),
      };
      return [...(limits.length > 0 ? [written] : []), ...unknownAttributes(catchup, CATCHUP_ATTRIBUTES)];
    }),
    ...unknown.map((element) => ({
      setting: `<${element.name.slice(0, 60)}> ${inTimer}`,
      ...noEffect('libvirt does not know the element'),
    })),
  ];
}
