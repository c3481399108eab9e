import type { Change, ElementPath, NewElement, PathStep } from '../change.js';
import { alike, type DefinitionElement, elementsOnPath, replayChanges } from './definitionTree.js';
import { FormUnavailable, type MadePatch } from './form.js';
import { shellWord } from './shellWord.js';
import type { VirtXmlOptions } from './virtXmlSettings.js';

/**
 * A patch as `--xml` options: one call takes any number of them and does them in that order.
 *
 * Facts about them from virtinst's virtinst/cli.py (ParserXML) and virtinst/xmlapi.py: what a path names is made where it
 * is missing, at the end of its parent; `xpath.delete` of an attribute would delete its element; an attribute that is
 * set to nothing goes, and with it an element that is empty then.
 * @throws FormUnavailable for what `--xml` cannot say
 */
export function pathOptions(patch: MadePatch): VirtXmlOptions {
  const actions: string[] = [];
  replayChanges(patch, (change, root) => actions.push(...actionsOf(change, root)));
  return {
    options: ['--edit', ...actions.map((action) => `--xml ${shellWord(action)}`)],
    isRepeatable: !actions.some((action) => action.startsWith(DELETE)),
    remarks: ['Needs virt-xml 3.0 or newer.'],
  };
}

const DELETE = 'xpath.delete=';

function actionsOf(change: Change, root: DefinitionElement): string[] {
  const elements = elementsOnPath(root, change.path);
  const element = elements[elements.length - 1] as DefinitionElement;
  const path = xpath(change.path, elements);
  switch (change.kind) {
    case 'set-attribute':
      return [setting(`${path}/@${change.attribute}`, change.value)];
    case 'remove-attribute':
      if (element.attributes.size === 1 && element.children.length === 0) {
        throw unavailable(`it would delete ${path} with its last attribute`);
      }
      return [`${path}/@${change.attribute}=`];
    case 'remove-element':
      return [`${DELETE}${path}`];
    case 'add-elements':
      return additions(change.elements, element, path, change.after);
  }
}

/** Only the order among elements of one name matters to libvirt, and virt-xml puts new ones last. */
function additions(
  elements: readonly NewElement[],
  parent: DefinitionElement,
  path: string,
  after: PathStep | null,
): string[] {
  const counts = new Map<string, number>();
  return elements.flatMap((element) => {
    const { name } = element;
    const there = alike(parent, { name, namespace: null });
    const behind = after
      ? parent.children.indexOf(alike(parent, after)[after.position - 1] as DefinitionElement)
      : -1;
    if (after && there.some((it) => parent.children.indexOf(it) > behind)) {
      throw unavailable(`it puts a new ${name} behind all others`);
    }
    const position = (counts.get(name) ?? there.length) + 1;
    counts.set(name, position);
    return newElement(element, `${path}/${name}${position > 1 ? `[${position}]` : ''}`);
  });
}

function newElement({ attributes, children = [] }: NewElement, path: string): string[] {
  const inside: string[] = [];
  const counts = new Map<string, number>();
  for (const it of children) {
    const position = (counts.get(it.name) ?? 0) + 1;
    counts.set(it.name, position);
    inside.push(...newElement(it, `${path}/${it.name}${position > 1 ? `[${position}]` : ''}`));
  }
  const made = [...attributes.map(([name, value]) => setting(`${path}/@${name}`, value)), ...inside];
  return made.length > 0 ? made : [`xpath.create=${path}`];
}

/**
 * The short form ends the path at the last `=`; the long one is split at commas, and quotes are taken off, as by Python's
 * shlex. Either writes a character that XML has an entity for as the text of that entity.
 */
function setting(path: string, value: string): string {
  if (/^[\w.:+-]+$/.test(value)) return `${path}=${value}`;
  if (value === '' || /[&<>'"]/.test(value)) {
    throw unavailable(value === '' ? 'it cannot set an empty value' : 'it writes & < > \' and " wrongly');
  }
  return `xpath.set=${path},xpath.value="${value.replaceAll('\\', '\\\\')}"`;
}

/** The one namespace that virt-xml knows by a prefix in paths, whatever the prefix in the definition. */
const PREFIXES = new Map<string | null, string>([
  [null, ''],
  ['http://libvirt.org/schemas/domain/qemu/1.0', 'qemu:'],
]);

function xpath(path: ElementPath, elements: readonly DefinitionElement[]): string {
  const steps = path.slice(1).map(({ name, namespace, position }, depth) => {
    const prefix = PREFIXES.get(namespace);
    if (prefix === undefined) throw unavailable(`it knows no prefix for ${namespace}`);
    const isOnlyOne = alike(elements[depth] as DefinitionElement, { name, namespace }).length === 1;
    return `${prefix}${name}${isOnlyOne ? '' : `[${position}]`}`;
  });
  return ['.', ...steps].join('/');
}

function unavailable(what: string): FormUnavailable {
  return new FormUnavailable(`virt-xml cannot make this change: ${what}; use --format diff or apply`);
}
