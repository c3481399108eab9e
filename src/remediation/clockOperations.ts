import type { Intent } from '../checks/intent.js';
import { childrenNamed, type XmlElement } from '../domxml/tree.js';
import type { EffectiveClock } from '../facts/clock.js';
import { removeSettings, removeVariable, replaceSettings } from './commandlineOperations.js';
import { addAgentChannel } from './deviceOperations.js';
import { enableEnlightenments, showHypervisor, showKvm } from './featureOperations.js';
import type { Operation } from './operation.js';
import {
  addClock,
  deleteKvmclockTimers,
  dropTrack,
  dropTscFrequency,
  setPresent,
  setTscFrequency,
} from './timerOperations.js';

/**
 * Turns an intent into changes of a domain's elements: at the place that decides, be it `<clock>` or
 * `qemu:commandline`. What only comes to light after an edit is the next round's.
 * @param clock - what the definition comes to as it is
 * @returns nothing when the text offers no place for it
 */
export function operationsFor(
  intent: Intent,
  text: string,
  domain: XmlElement,
  clock: EffectiveClock,
): Operation[] {
  const { rtc, hpetDecidedBy } = clock;
  switch (intent.kind) {
    case 'set-clock-offset':
      return rtc.baseDecidedBy.startsWith('qemu:')
        ? removeSettings(text, domain, '-rtc', 'base')
        : setOffset(domain, intent.offset);
    case 'drop-time-zone-variable':
      return removeVariable(domain, 'TZ');
    case 'follow-host-time':
      return rtc.clockDecidedBy.startsWith('qemu:')
        ? removeSettings(text, domain, '-rtc', 'clock')
        : dropTrack(domain);
    case 'enable-kvmclock':
      return enableKvmclock(text, domain, clock);
    case 'delete-kvmclock-timer':
      return deleteKvmclockTimers(domain);
    case 'disable-hpet':
      return hpetDecidedBy.startsWith('qemu:')
        ? removeSettings(text, domain, '-machine', 'hpet')
        : setPresent(domain, 'hpet', false);
    case 'enable-hypervclock':
      return enableHypervclock(text, domain, clock);
    case 'enable-enlightenments':
      return enableEnlightenments(domain, intent.names);
    case 'set-tsc-frequency':
      return fixTscFrequency(text, domain, intent.frequencyHz);
    case 'drop-tsc-frequency': {
      const timers = dropTscFrequency(domain);
      return timers.length > 0 ? timers : removeSettings(text, domain, '-cpu', 'tsc-frequency');
    }
    case 'add-agent-channel':
      return addAgentChannel(domain);
  }
}

function enableKvmclock(text: string, domain: XmlElement, clock: EffectiveClock): Operation[] {
  const { kvmclock, kvmclockDecidedBy: by } = clock;
  if (isByHypervisorBit(by)) return restoreHypervisorBit(text, domain, by);
  if (by.startsWith('qemu:'))
    return dropCpuProperty(text, domain, by, kvmclock === 'hidden' ? 'kvm' : 'kvmclock');
  return kvmclock === 'hidden' ? showKvm(domain) : setPresent(domain, 'kvmclock', true);
}

function enableHypervclock(
  text: string,
  domain: XmlElement,
  { hvTimeDecidedBy: by }: EffectiveClock,
): Operation[] {
  if (isByHypervisorBit(by)) return restoreHypervisorBit(text, domain, by);
  if (!by.startsWith('qemu:')) return setPresent(domain, 'hypervclock', true);
  // Without a word it stays off, and a -cpu that is passed through replaces the one that a timer would be part of.
  return by.includes(' -global ')
    ? dropCpuProperty(text, domain, by, 'hv-time')
    : replaceSettings(text, domain, '-cpu', 'hv-time', 'hv-time=on');
}

/** @param frequencyHz - from saved facts it may be anything */
function fixTscFrequency(text: string, domain: XmlElement, frequencyHz: number): Operation[] {
  if (!Number.isSafeInteger(frequencyHz) || frequencyHz <= 0) return [];
  const passed = replaceSettings(text, domain, '-cpu', 'tsc-frequency', `tsc-frequency=${frequencyHz}`);
  return passed.length > 0 ? passed : setTscFrequency(domain, frequencyHz);
}

function isByHypervisorBit(decidedBy: string): boolean {
  return / hypervisor[ =]/.test(decidedBy);
}

function restoreHypervisorBit(text: string, domain: XmlElement, decidedBy: string): Operation[] {
  return decidedBy.startsWith('qemu:')
    ? dropCpuProperty(text, domain, decidedBy, 'hypervisor')
    : showHypervisor(domain);
}

/** Takes a property of the CPU out of the passed-through option that decides it. */
function dropCpuProperty(text: string, domain: XmlElement, decidedBy: string, property: string): Operation[] {
  return decidedBy.includes(' -global ')
    ? removeSettings(text, domain, '-global', `cpu.${property}`)
    : removeSettings(text, domain, '-cpu', property);
}

/**
 * Sets the offset and takes away what belongs to another one. libvirt looks for each attribute in the first clock that has
 * it, so none of several may say anything else.
 */
function setOffset(domain: XmlElement, offset: 'utc' | 'localtime'): Operation[] {
  const clocks = childrenNamed(domain, 'clock');
  if (clocks.length === 0) return [addClock(domain, offset)];
  return clocks.flatMap((element, position): Operation[] => {
    const { attributes } = element;
    const stale = ['adjustment', 'basis', 'timezone', 'start', 'adjustment0'].filter(
      (name) => attributes[name] !== undefined && attributes[name] !== 'reset',
    );
    const isToBeSet = attributes.offset !== offset && (position === 0 || attributes.offset !== undefined);
    return [
      ...stale.map((attribute): Operation => ({ kind: 'remove-attribute', element, attribute })),
      ...(isToBeSet ? [{ kind: 'set-attribute', element, attribute: 'offset', value: offset } as const] : []),
    ];
  });
}
