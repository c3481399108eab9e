import { readPassthrough } from '../domxml/passthrough.js';
import { optionWords, splitSettings } from '../domxml/qemuArgument.js';
import type { XmlElement } from '../domxml/tree.js';
import { attributeSource, rawAttribute } from './edit.js';
import type { Operation } from './operation.js';

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
): Operation[] {
  const { args } = readPassthrough(domain);
  const found = [...optionWords(args.map(({ value }) => value))].filter((it) => it.option === option);
  for (const { index, valueIndex } of found.reverse()) {
    const [name, value] = [args[index], args[valueIndex ?? -1]];
    if (!name || !value) continue;
    const parts = value.value.split(',');
    const wrong = parts.map((part) => splitSettings(option, part).some(([key]) => isWrong(key)));
    if (!wrong.includes(true)) continue;
    if (!wrong.includes(false))
      return [name, value].map(({ element }) => ({ kind: 'remove-element', element }));
    const raw = rawAttribute(text, value.element, 'value').split(',');
    // A comma written as an entity does not separate in the source: then the value is written anew.
    const sources = raw.length === parts.length ? raw : parts.map(attributeSource);
    const kept = (all: readonly string[]) => all.filter((_, position) => !wrong[position]).join(',');
    const { element } = value;
    return [
      { kind: 'set-attribute', element, attribute: 'value', value: kept(parts), source: kept(sources) },
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
