import { readPassthrough } from '../domxml/passthrough.js';
import { optionWords, splitSettings } from '../domxml/qemuArgument.js';
import type { XmlElement } from '../domxml/tree.js';
import { attributeSource, rawAttribute } from './edit.js';
import type { Operation } from './operation.js';

/** Takes settings out of the last option of a kind in `qemu:commandline` that has them, as {@link replaceSettings} does. */
export function removeSettings(text: string, domain: XmlElement, option: string, key: string): Operation[] {
  return replaceSettings(text, domain, option, key, null);
}

/**
 * Says something else in the last option of a kind in `qemu:commandline` that has a setting. What an earlier one says may
 * not matter; if it does, the next round finds it.
 * @param option - as `-rtc`
 * @param key - the setting, by its name among the arguments that were read
 * @param setting - what to say instead; null to say nothing, and to take the option away where nothing else is left of it
 */
export function replaceSettings(
  text: string,
  domain: XmlElement,
  option: string,
  key: string,
  setting: string | null,
): Operation[] {
  const { args } = readPassthrough(domain);
  const found = [...optionWords(args.map(({ value }) => value))].filter((it) => it.option === option);
  for (const { index, valueIndex } of found.reverse()) {
    const [name, value] = [args[index], args[valueIndex ?? -1]];
    if (!name || !value) continue;
    const parts = value.value.split(',');
    const wrong = parts.map((part) => splitSettings(option, part).some(([it]) => it === key));
    if (!wrong.includes(true)) continue;
    if (setting === null && !wrong.includes(false)) {
      return [name, value].map(({ element }) => ({ kind: 'remove-element', element }));
    }
    const raw = rawAttribute(text, value.element, 'value').split(',');
    // A comma written as an entity does not separate in the source: then the value is written anew.
    const sources = raw.length === parts.length ? raw : parts.map(attributeSource);
    const changed = (all: readonly string[]) =>
      all.flatMap((part, position) => (wrong[position] ? (setting ?? []) : part)).join(',');
    const { element } = value;
    return [
      {
        kind: 'set-attribute',
        element,
        attribute: 'value',
        value: changed(parts),
        source: changed(sources),
      },
    ];
  }
  return [];
}

/** Takes a variable out of QEMU's environment. */
export function removeVariable(domain: XmlElement, variable: string): Operation[] {
  return readPassthrough(domain)
    .env.filter(({ name }) => name === variable)
    .map(({ element }) => ({ kind: 'remove-element', element }));
}
