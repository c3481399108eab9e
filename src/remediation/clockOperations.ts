import type { Intent } from '../checks/intent.js';
import { readClock } from '../domxml/clockElement.js';
import { hiddenElement } from '../domxml/features.js';
import { child, childrenNamed, type XmlElement } from '../domxml/tree.js';
import type { DomainDefinition } from '../facts/definition.js';
import type { NewElement } from './change.js';
import { removeSettings, removeVariable } from './commandlineOperations.js';
import type { Operation } from './operation.js';

/**
 * Turns an intent into changes of a domain's elements: at the place that decides, be it `<clock>` or
 * `qemu:commandline`. What only comes to light after an edit is the next round's.
 * @returns nothing when the text offers no place for it
 */
export function operationsFor(
  intent: Intent,
  text: string,
  domain: XmlElement,
  definition: DomainDefinition,
): Operation[] {
  const { rtc, kvmclock, kvmclockDecidedBy } = definition.effectiveClock;
  switch (intent.kind) {
    case 'set-clock-offset':
      return rtc.baseDecidedBy.startsWith('qemu:')
        ? removeSettings(text, domain, '-rtc', (key) => key === 'base')
        : setOffset(domain, intent.offset);
    case 'drop-time-zone-variable':
      return removeVariable(domain, 'TZ');
    case 'follow-host-time':
      return rtc.clockDecidedBy.startsWith('qemu:')
        ? removeSettings(text, domain, '-rtc', (key) => key === 'clock')
        : dropTrack(domain);
    case 'enable-kvmclock': {
      const isByHypervisorBit = / hypervisor[ =]/.test(kvmclockDecidedBy);
      if (kvmclockDecidedBy.startsWith('qemu:')) {
        const hiddenBy = isByHypervisorBit ? 'hypervisor' : 'kvm';
        const wrong = kvmclock === 'hidden' ? hiddenBy : 'kvmclock';
        return kvmclockDecidedBy.includes(' -global ')
          ? removeSettings(text, domain, '-global', (key) => key === `cpu.${wrong}`)
          : removeSettings(text, domain, '-cpu', (key) => key === wrong);
      }
      if (kvmclock !== 'hidden') return switchKvmclockOn(domain);
      return isByHypervisorBit ? showHypervisor(domain) : showKvm(domain);
    }
    case 'delete-kvmclock-timer':
      return readClock(domain)
        .timers.filter(({ name, present }) => name === 'kvmclock' && present === false)
        .map(({ element }) => ({ kind: 'remove-element', element }));
    case 'disable-hpet':
    case 'enable-hypervclock':
    case 'enable-enlightenments':
    case 'set-tsc-frequency':
    case 'add-agent-channel':
      return [];
  }
}

function setOffset(domain: XmlElement, offset: 'utc' | 'localtime'): Operation[] {
  const { element } = readClock(domain);
  if (!element) {
    const sibling = child(domain, 'cpu') ?? child(domain, 'features') ?? child(domain, 'os');
    const clock: NewElement = { name: 'clock', attributes: [['offset', offset]] };
    return [{ kind: 'add-elements', parent: domain, after: sibling ?? null, elements: [clock] }];
  }
  const { attributes } = element;
  const stale = ['adjustment', 'basis', 'timezone', 'start', 'adjustment0'].filter(
    (name) => attributes[name] !== undefined && attributes[name] !== 'reset',
  );
  const operations = stale.map((attribute): Operation => ({ kind: 'remove-attribute', element, attribute }));
  if (attributes.offset !== offset) {
    operations.push({ kind: 'set-attribute', element, attribute: 'offset', value: offset });
  }
  return operations;
}

/** The first rtc timer decides; a later one with another track would contradict it from now on. */
function dropTrack(domain: XmlElement): Operation[] {
  return readClock(domain)
    .timers.filter(({ name, track }) => name === 'rtc' && track !== null && track !== 'wall')
    .map(({ element }) => ({ kind: 'remove-attribute', element, attribute: 'track' }));
}

function showKvm(domain: XmlElement): Operation[] {
  const hidden = hiddenElement(domain);
  return hidden ? [{ kind: 'set-attribute', element: hidden, attribute: 'state', value: 'off' }] : [];
}

/** Without the element the bit is there, by libvirt's and QEMU's default. */
function showHypervisor(domain: XmlElement): Operation[] {
  return childrenNamed(child(domain, 'cpu'), 'feature')
    .filter(({ attributes }) => attributes.name === 'hypervisor')
    .map((feature) => ({ kind: 'remove-element', element: feature }));
}

/**
 * The last kvmclock timer decides; an earlier one that is off would contradict it. A migration compares the timers
 * one by one, so they are kept; that they are present now is compared too.
 */
function switchKvmclockOn(domain: XmlElement): Operation[] {
  return readClock(domain)
    .timers.filter(({ name, present }) => name === 'kvmclock' && present === false)
    .map(({ element }) => ({ kind: 'set-attribute', element, attribute: 'present', value: 'yes' }));
}
