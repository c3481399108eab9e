import { readPassthrough } from '../domxml/passthrough.js';
import { optionWords, splitSettings } from '../domxml/qemuArgument.js';
import type { XmlElement } from '../domxml/tree.js';
import { type Edit, rawAttribute, removeElement, setAttribute } from './edit.js';

/**
 * Takes settings out of the last option of a kind in `qemu:commandline` that has them: the whole option where
 * nothing else is left of it. What an earlier one says may not matter; if it does, the next round finds it.
 * @param option - as `-rtc`
 * @param isWrong - whether a setting is to go
 */
export function removeSettings(
  text: string,
  domain: XmlElement,
  option: string,
  isWrong: (key: string) => boolean,
): Edit[] {
  const { args } = readPassthrough(domain);
  const found = [...optionWords(args.map(({ value }) => value))].filter((it) => it.option === option);
  for (const { index, valueIndex } of found.reverse()) {
    const [name, value] = [args[index], args[valueIndex ?? -1]];
    if (!name || !value) continue;
    const parts = value.value.split(',');
    const wrong = parts.map((part) => splitSettings(option, part).some(([key]) => isWrong(key)));
    if (!wrong.includes(true)) continue;
    if (!wrong.includes(false))
      return [removeElement(text, name.element), removeElement(text, value.element)];
    const raw = rawAttribute(text, value.element, 'value').split(',');
    // A comma written as an entity does not separate in the source: then the value is written anew.
    const sources = raw.length === parts.length ? raw : parts.map(escapeValue);
    const kept = sources.filter((_, position) => !wrong[position]).join(',');
    return [setAttribute(text, value.element, 'value', kept)];
  }
  return [];
}

/** Takes a variable out of QEMU's environment. */
export function removeVariable(text: string, domain: XmlElement, variable: string): Edit[] {
  return readPassthrough(domain)
    .env.filter(({ name }) => name === variable)
    .map(({ element }) => removeElement(text, element));
}

function escapeValue(value: string): string {
  return value.replace(/[&<"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
