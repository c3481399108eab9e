import type { XmlElement } from './tree.js';

const LONGEST_VALUE = 60;
const MOST_ATTRIBUTES = 10;

/**
 * An element's attributes that belong to no namespace, as libvirt's parser sees them. A declaration of a namespace
 * and an attribute with a prefix are somebody else's.
 */
export function ownAttributes({ attributes }: XmlElement): [name: string, value: string][] {
  return Object.entries(attributes).filter(([name]) => name !== 'xmlns' && !name.includes(':'));
}

/**
 * An element, or some of its attributes, for a report: `timer rtc present='no'`. Long values are cut.
 * @param attributes - all of its own by default
 */
export function settingText(element: XmlElement, attributes = ownAttributes(element)): string {
  const isTimer = element.name === 'timer';
  const subject = isTimer ? `timer ${cut(element.attributes.name ?? '')}` : cut(element.name);
  const shown = attributes.filter(([name]) => !(isTimer && name === 'name')).slice(0, MOST_ATTRIBUTES);
  return [subject, ...shown.map(([name, value]) => `${cut(name)}='${cut(value)}'`)].join(' ');
}

function cut(text: string): string {
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE - 1)}…` : text;
}
