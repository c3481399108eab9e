import type { Intent } from '../checks/intent.js';
import { readClock } from '../domxml/clockElement.js';
import { hiddenElement } from '../domxml/features.js';
import { child, childrenNamed, type XmlElement } from '../domxml/tree.js';
import type { DomainDefinition } from '../facts/definition.js';
import { removeSettings, removeVariable } from './commandlineEdits.js';
import { type Edit, insertAfter, removeAttribute, removeElement, setAttribute } from './edit.js';

/**
 * Turns an intent into edits of a domain's text: at the place that decides, be it `<clock>` or
 * `qemu:commandline`. What only comes to light after an edit is the next round's.
 * @returns nothing when the text offers no place for it
 */
export function editsFor(
  intent: Intent,
  text: string,
  domain: XmlElement,
  definition: DomainDefinition,
): Edit[] {
  const { rtc, kvmclock, kvmclockDecidedBy } = definition.effectiveClock;
  switch (intent.kind) {
    case 'set-clock-offset':
      return rtc.baseDecidedBy.startsWith('qemu:')
        ? removeSettings(text, domain, '-rtc', (key) => key === 'base')
        : setOffset(text, domain, intent.offset);
    case 'drop-time-zone-variable':
      return removeVariable(text, domain, 'TZ');
    case 'follow-host-time':
      return rtc.clockDecidedBy.startsWith('qemu:')
        ? removeSettings(text, domain, '-rtc', (key) => key === 'clock')
        : dropTrack(text, domain);
    case 'enable-kvmclock': {
      const isByHypervisorBit = / hypervisor[ =]/.test(kvmclockDecidedBy);
      if (kvmclockDecidedBy.startsWith('qemu:')) {
        const hiddenBy = isByHypervisorBit ? 'hypervisor' : 'kvm';
        const wrong = kvmclock === 'hidden' ? hiddenBy : 'kvmclock';
        return kvmclockDecidedBy.includes(' -global ')
          ? removeSettings(text, domain, '-global', (key) => key === `cpu.${wrong}`)
          : removeSettings(text, domain, '-cpu', (key) => key === wrong);
      }
      if (kvmclock !== 'hidden') return switchKvmclockOn(text, domain);
      return isByHypervisorBit ? showHypervisor(text, domain) : showKvm(text, domain);
    }
    case 'delete-kvmclock-timer':
      return readClock(domain)
        .timers.filter(({ name, present }) => name === 'kvmclock' && present === false)
        .map(({ element }) => removeElement(text, element));
  }
}

function setOffset(text: string, domain: XmlElement, offset: 'utc' | 'localtime'): Edit[] {
  const { element } = readClock(domain);
  if (!element) {
    const sibling = child(domain, 'cpu') ?? child(domain, 'features') ?? child(domain, 'os');
    return sibling ? [insertAfter(text, sibling, `<clock offset='${offset}'/>`)] : [];
  }
  const { attributes } = element;
  const stale = ['adjustment', 'basis', 'timezone', 'start', 'adjustment0'].filter(
    (name) => attributes[name] !== undefined && attributes[name] !== 'reset',
  );
  const edits = stale.flatMap((name) => removeAttribute(text, element, name));
  if (attributes.offset !== offset) edits.push(setAttribute(text, element, 'offset', offset));
  return edits;
}

/** The first rtc timer decides; a later one with another track would contradict it from now on. */
function dropTrack(text: string, domain: XmlElement): Edit[] {
  return readClock(domain)
    .timers.filter(({ name, track }) => name === 'rtc' && track !== null && track !== 'wall')
    .flatMap(({ element }) => removeAttribute(text, element, 'track'));
}

function showKvm(text: string, domain: XmlElement): Edit[] {
  const hidden = hiddenElement(domain);
  return hidden ? [setAttribute(text, hidden, 'state', 'off')] : [];
}

/** Without the element the bit is there, by libvirt's and QEMU's default. */
function showHypervisor(text: string, domain: XmlElement): Edit[] {
  return childrenNamed(child(domain, 'cpu'), 'feature')
    .filter(({ attributes }) => attributes.name === 'hypervisor')
    .map((feature) => removeElement(text, feature));
}

/**
 * The last kvmclock timer decides; an earlier one that is off would contradict it. A migration compares the timers
 * one by one, so they are kept; that they are present now is compared too.
 */
function switchKvmclockOn(text: string, domain: XmlElement): Edit[] {
  return readClock(domain)
    .timers.filter(({ name, present }) => name === 'kvmclock' && present === false)
    .map(({ element }) => setAttribute(text, element, 'present', 'yes'));
}
