import type { EffectiveClock } from '../facts/clock.js';
import type { IgnoredSetting } from '../facts/definition.js';
import { isQemuType } from '../facts/qemuTypes.js';
import type { Clock } from './clockElement.js';
import { ignoredClockAttributes } from './ignoredClockAttributes.js';
import { ignoredTimerSettings } from './ignoredTimers.js';
import type { Machine } from './machine.js';
import type { Passthrough } from './passthrough.js';
import { timeArguments } from './qemuArgument.js';
import { spellArguments } from './spelling.js';
import { localName, type XmlElement } from './tree.js';

/** What decides whether a setting has an effect. */
export interface SettingsInForce {
  readonly domain: XmlElement;
  readonly clock: Clock;
  readonly machine: Machine;
  readonly passthrough: Passthrough;
  readonly effectiveClock: EffectiveClock;
}

/** No document written by hand or by software comes near; a larger one is not listed to its end. */
const MOST_SETTINGS = 100;

/**
 * What is written about the guest's clock and has no effect, in the order of the document's parts: `<clock>`,
 * its timers, `qemu:commandline`. Not what libvirt refuses, nor timers of another architecture.
 */
export function ignoredSettings(inForce: SettingsInForce): IgnoredSetting[] {
  // Other drivers look at other settings.
  if (!isQemuType(inForce.machine.virtType)) return [];
  const ignored = [
    ...ignoredClockAttributes(inForce.domain, inForce.effectiveClock.rtc),
    ...ignoredTimerSettings(inForce),
    ...ignoredCommandlines(inForce),
  ];
  return ignored.slice(0, MOST_SETTINGS);
}

/**
 * Arguments that look like those of `qemu:commandline`, in a namespace that libvirt does not read. Those that have
 * nothing to do with the clock are not listed.
 */
function ignoredCommandlines({ domain, passthrough }: SettingsInForce): IgnoredSetting[] {
  const read = new Set([...passthrough.args, ...passthrough.env].map(({ element }) => element));
  return domain.children
    .filter((element) => localName(element) === 'commandline')
    .flatMap((commandline) => {
      const unread = commandline.children.filter((element) => !read.has(element));
      const words = unread.filter((it) => localName(it) === 'arg').map((it) => it.attributes.value ?? '');
      const zones = unread.filter((it) => localName(it) === 'env' && it.attributes.name === 'TZ');
      const spelt = [
        ...zones.map(({ attributes }) => `TZ=${attributes.value ?? ''}`),
        ...spellArguments(timeArguments(words, '')),
      ];
      if (spelt.length === 0) return [];
      return {
        setting: `<${commandline.name.slice(0, 60)}> ${spelt.join(' ').slice(0, 255)}`,
        because:
          'libvirt reads a command line in the namespace http://libvirt.org/schemas/domain/qemu/1.0 only',
        contradicts: true,
      };
    });
}
