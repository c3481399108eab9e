import { readClock } from '../domxml/clockElement.js';
import { child, type XmlElement } from '../domxml/tree.js';
import type { NewElement } from './change.js';
import type { Operation } from './operation.js';

/**
 * Turns `present` round in all timers of a name that say the contrary, or else says it in the last one, or adds a timer.
 * One that does not decide is turned too, or it would contradict the one that does; none is taken away, since a migration
 * compares them one by one.
 */
export function setPresent(
  domain: XmlElement,
  timer: 'kvmclock' | 'hypervclock' | 'hpet',
  present: boolean,
): Operation[] {
  const named = readClock(domain).timers.filter(({ name }) => name === timer);
  const value = present ? 'yes' : 'no';
  const last = named.at(-1);
  if (!last) {
    return [
      addTimer(domain, [
        ['name', timer],
        ['present', value],
      ]),
    ];
  }
  const contrary = named.filter((it) => it.present === !present);
  return (contrary.length > 0 ? contrary : [last])
    .filter((it) => it.present !== present)
    .map(({ element }) => ({ kind: 'set-attribute', element, attribute: 'present', value }));
}

/** Gives every tsc timer that has a frequency another one; otherwise the last one, or a new timer. */
export function setTscFrequency(domain: XmlElement, frequencyHz: number): Operation[] {
  const value = String(frequencyHz);
  const named = readClock(domain).timers.filter(({ name }) => name === 'tsc');
  const last = named.at(-1);
  if (!last) {
    return [
      addTimer(domain, [
        ['name', 'tsc'],
        ['frequency', value],
      ]),
    ];
  }
  const fixed = named.filter((it) => it.frequencyHz !== null);
  return (fixed.length > 0 ? fixed : [last])
    .filter((it) => it.frequencyHz !== frequencyHz)
    .map(({ element }) => ({ kind: 'set-attribute', element, attribute: 'frequency', value }));
}

/** Takes the frequency off the tsc timers; without it they have no effect. */
export function dropTscFrequency(domain: XmlElement): Operation[] {
  return readClock(domain)
    .timers.filter(({ name, frequencyHz }) => name === 'tsc' && frequencyHz !== null)
    .map(({ element }) => ({ kind: 'remove-attribute', element, attribute: 'frequency' }));
}

/** Takes the kvmclock timers away that are switched off. */
export function deleteKvmclockTimers(domain: XmlElement): Operation[] {
  return readClock(domain)
    .timers.filter(({ name, present }) => name === 'kvmclock' && present === false)
    .map(({ element }) => ({ kind: 'remove-element', element }));
}

/** The first rtc timer decides; a later one with another track would contradict it from now on. */
export function dropTrack(domain: XmlElement): Operation[] {
  return readClock(domain)
    .timers.filter(({ name, track }) => name === 'rtc' && track !== null && track !== 'wall')
    .map(({ element }) => ({ kind: 'remove-attribute', element, attribute: 'track' }));
}

/** Adds a `<clock>` where there is none, about where libvirt writes it. */
export function addClock(
  domain: XmlElement,
  offset: 'utc' | 'localtime',
  timers: readonly NewElement[] = [],
): Operation {
  const sibling = child(domain, 'cpu') ?? child(domain, 'features') ?? child(domain, 'os');
  const clock: NewElement = { name: 'clock', attributes: [['offset', offset]], children: timers };
  return { kind: 'add-elements', parent: domain, after: sibling ?? null, elements: [clock] };
}

/** A timer behind the last one: the order is part of what a migration compares. */
function addTimer(domain: XmlElement, attributes: NewElement['attributes']): Operation {
  const { timers, element } = readClock(domain);
  const timer: NewElement = { name: 'timer', attributes };
  const last = timers.at(-1)?.element;
  if (last?.parent) return { kind: 'add-elements', parent: last.parent, after: last, elements: [timer] };
  // UTC is what a domain without a clock has, and libvirt's schema wants it said.
  if (!element) return addClock(domain, 'utc', [timer]);
  return { kind: 'add-elements', parent: element, after: null, elements: [timer] };
}
