import { AGENT_PORT } from './agentChannel.js';
import { parseDomain } from './definition.js';
import { readPassthrough } from './passthrough.js';
import { child, childrenNamed, type XmlElement } from './tree.js';
import { XmlError } from './xmlError.js';

/** A place in a text: both 1-based, the column in UTF-16 code units, a byte order mark not counted. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** Finds where the element that decided something begins. */
export type PositionFinder = (decidedBy: string) => TextPosition;

/**
 * Finds elements of a definition by the words that an effective clock names them with.
 * @returns a function that takes what `…DecidedBy` says (`timer rtc track='guest'`, `qemu:arg -rtc base=localtime`) or an
 * element's name below `<domain>` (`<cpu>`). What it does not find, a default among them, is at the `<clock>`; without
 * one at the `<domain>`. Everything about a malformed text is where that shows.
 */
export function positionsIn(text: string): PositionFinder {
  const root = rootOf(text);
  if (root instanceof XmlError) return () => ({ line: root.line, column: root.column });
  const clocks = childrenNamed(root, 'clock');
  // A domain's findings rest on a handful of elements.
  const found = new Map<string, XmlElement>();
  const positions = new Map<XmlElement, TextPosition>();
  return (decidedBy) => {
    const element = found.get(decidedBy) ?? elementNamed(root, clocks, decidedBy) ?? clocks[0] ?? root;
    found.set(decidedBy, element);
    const position = positions.get(element) ?? positionAt(text, element.start);
    positions.set(element, position);
    return position;
  };
}

function rootOf(text: string): XmlElement | XmlError {
  try {
    return parseDomain(text);
  } catch (error) {
    if (error instanceof XmlError) return error;
    throw error;
  }
}

/** Where an offset into a text is. Lines end with a line feed, as in SARIF, with or without a carriage return. */
export function positionAt(text: string, offset: number): TextPosition {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  let line = 1;
  for (let end = text.indexOf('\n'); end >= 0 && end < offset; end = text.indexOf('\n', end + 1)) line++;
  const mark = line === 1 && text.startsWith('\uFEFF') ? 1 : 0;
  return { line, column: offset - lineStart - mark + 1 };
}

function elementNamed(
  domain: XmlElement,
  clocks: readonly XmlElement[],
  decidedBy: string,
): XmlElement | undefined {
  const timer = /^timer '?([a-z]+)/.exec(decidedBy)?.[1];
  if (timer !== undefined) {
    const timers = clocks
      .flatMap((clock) => childrenNamed(clock, 'timer'))
      .filter(({ attributes }) => attributes.name === timer);
    // libvirt looks at the first timer for the RTC, and goes through all of them for everything else.
    return timer === 'rtc' ? timers[0] : timers.at(-1);
  }
  const clockAttribute = /^clock ([a-z]+)=/.exec(decidedBy)?.[1];
  if (clockAttribute !== undefined) {
    return clocks.find(({ attributes }) => attributes[clockAttribute] !== undefined);
  }
  if (/\bqemu:/.test(decidedBy)) return passedThrough(domain, decidedBy);
  if (decidedBy.startsWith('domain type=')) return domain;
  const feature = /^cpu feature ([a-z]+)/.exec(decidedBy)?.[1];
  if (feature !== undefined) {
    return childrenNamed(child(domain, 'cpu'), 'feature').find((it) => it.attributes.name === feature);
  }
  const features = child(domain, 'features');
  if (decidedBy.startsWith('kvm hidden')) return child(child(features, 'kvm'), 'hidden');
  if (decidedBy.startsWith('hyperv')) return child(features, 'hyperv');
  if (decidedBy.startsWith('ioapic')) return child(features, 'ioapic');
  if (decidedBy === 'agent channel') return agentChannel(domain) ?? child(domain, 'devices');
  const name = /^<(\w+)>$/.exec(decidedBy)?.[1];
  return name === undefined ? undefined : child(domain, name);
}

/** The `<qemu:arg>` or `<qemu:env>` that holds the setting, or at least its key. */
function passedThrough(domain: XmlElement, decidedBy: string): XmlElement | undefined {
  const { args, env } = readPassthrough(domain);
  if (decidedBy.startsWith('qemu:env')) {
    const name = /^qemu:env ([^=\s]*)/.exec(decidedBy)?.[1];
    return env.findLast((it) => it.name === name)?.element;
  }
  const words = decidedBy.split(' ');
  const setting = words.at(-1) ?? '';
  const [key = ''] = setting.split('=');
  const holding = (part: string) => args.findLast(({ value }) => value.includes(part));
  return (holding(setting) ?? holding(key) ?? args[0])?.element;
}

function agentChannel(domain: XmlElement): XmlElement | undefined {
  return childrenNamed(domain, 'devices')
    .flatMap((devices) => childrenNamed(devices, 'channel'))
    .find((channel) => child(channel, 'target')?.attributes.name === AGENT_PORT);
}
