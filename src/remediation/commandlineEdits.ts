import { readPassthrough } from '../domxml/passthrough.js';
import { canonicalOption, splitSettings } from '../domxml/qemuArgument.js';
import type { XmlElement } from '../domxml/tree.js';
import { type Edit, rawAttribute, removeElement, setAttribute } from './edit.js';

/**
 * Takes settings out of an option in `qemu:commandline`: the whole option where nothing else is left of it.
 * @param option - as `-rtc`
 * @param isWrong - whether a setting is to go
 */
export function removeSettings(
  text: string,
  domain: XmlElement,
  option: string,
  isWrong: (key: string, value: string) => boolean,
): Edit[] {
  const { args } = readPassthrough(domain);
  const edits: Edit[] = [];
  for (let index = 0; index + 1 < args.length; index++) {
    const [name, value] = [args[index], args[index + 1]];
    if (!name || !value || canonicalOption(name.value) !== option) continue;
    index++;
    const parts = rawAttribute(text, value.element, 'value').split(',');
    const kept = parts.filter((part) => !splitSettings(option, part).some(([key, it]) => isWrong(key, it)));
    if (kept.length === parts.length) continue;
    if (kept.length > 0) edits.push(setAttribute(text, value.element, 'value', kept.join(',')));
    else edits.push(removeElement(text, name.element), removeElement(text, value.element));
  }
  return edits;
}

/** Takes a variable out of QEMU's environment. */
export function removeVariable(text: string, domain: XmlElement, variable: string): Edit[] {
  return readPassthrough(domain)
    .env.filter(({ name }) => name === variable)
    .map(({ element }) => removeElement(text, element));
}
