import type { Change, ElementPath, NewElement, PathStep } from '../change.js';
import { attributeSource } from '../edit.js';
import { alike, type DefinitionElement, elementsOnPath, replayChanges } from './definitionTree.js';
import type { PatchForm } from './form.js';

/**
 * XML patch operations.
 *
 * RFC 5261 leaves the root to its user; `diff` is that of its examples and of most processors. The patch document has no
 * default namespace, since names without a prefix in selectors belong to that (section 4.2.2).
 * @see {@link https://www.rfc-editor.org/rfc/rfc5261}
 */
export const rfc5261Form: PatchForm = {
  format: 'rfc5261',
  extension: '.patch.xml',
  description: 'XML patch operations (RFC 5261) with XPath selectors',
  comment: (line) => `<!-- ${line.replace(/-(?=-|$)/g, '- ')} -->`,
  render(patch) {
    const prefixes = new Map<string, string>();
    const operations: string[] = [];
    replayChanges(patch, (change, root) => operations.push(operation(change, root, prefixes)));
    const declarations = [...prefixes].map(([uri, prefix]) => ` xmlns:${prefix}='${attributeSource(uri)}'`);
    return [`<diff${declarations.join('')}>`, ...operations.map((it) => `  ${it}`), '</diff>', ''].join('\n');
  },
};

/** The document's own prefixes mean nothing in a patch (section 4.2.1), so each namespace gets one of the patch's. */
const USUAL_PREFIXES = new Map([['http://libvirt.org/schemas/domain/qemu/1.0', 'qemu']]);

function operation(change: Change, root: DefinitionElement, prefixes: Map<string, string>): string {
  const elements = elementsOnPath(root, change.path);
  const element = elements[elements.length - 1] as DefinitionElement;
  const selector = selectorOf(change.path, elements, prefixes);
  switch (change.kind) {
    case 'set-attribute': {
      const [name, value] = [change.attribute, textSource(change.value)];
      return element.attributes.has(name)
        ? `<replace sel='${selector}/@${name}'>${value}</replace>`
        : `<add sel='${selector}' type='@${name}'>${value}</add>`;
    }
    case 'remove-attribute':
      return `<remove sel='${selector}/@${change.attribute}'/>`;
    case 'remove-element':
      // The white space before an element goes with it, so that no empty line is left; where there is none, a processor
      // would have to refuse the directive (section 4.5).
      return `<remove sel='${selector}'${element.followsWhiteSpace ? " ws='before'" : ''}/>`;
    case 'add-elements': {
      const indentation = `\n${'  '.repeat(change.path.length)}`;
      const added = change.elements.map((it) => elementSource(it, indentation));
      if (change.after) {
        const place = `${selector}/${step(change.after, element, prefixes)}`;
        return `<add sel='${place}' pos='after'>${added.join('')}</add>`;
      }
      const outside = indentation.slice(0, -2);
      // What closes the parent is on a line of its own already where it has children.
      const content = element.children.length > 0 ? added.join('').slice(outside.length) : added.join('');
      return `<add sel='${selector}'>${content}${outside}</add>`;
    }
  }
}

function selectorOf(
  path: ElementPath,
  elements: readonly DefinitionElement[],
  prefixes: Map<string, string>,
) {
  return path
    .map((it, depth) => step(it, depth === 0 ? null : (elements[depth - 1] as DefinitionElement), prefixes))
    .join('/');
}

/** A position is given where the name alone would select more than one node. */
function step(
  { name, namespace, position }: PathStep,
  parent: DefinitionElement | null,
  prefixes: Map<string, string>,
): string {
  const qualified = namespace === null ? name : `${prefixFor(namespace, prefixes)}:${name}`;
  return parent && alike(parent, { name, namespace }).length > 1 ? `${qualified}[${position}]` : qualified;
}

function prefixFor(namespace: string, prefixes: Map<string, string>): string {
  const prefix = prefixes.get(namespace) ?? USUAL_PREFIXES.get(namespace) ?? `ns${prefixes.size + 1}`;
  prefixes.set(namespace, prefix);
  return prefix;
}

function elementSource({ name, attributes, children = [] }: NewElement, indentation: string): string {
  const words = [name, ...attributes.map(([key, value]) => `${key}='${attributeSource(value)}'`)];
  const start = `${indentation}<${words.join(' ')}`;
  if (children.length === 0) return `${start}/>`;
  const inside = children.map((it) => elementSource(it, `${indentation}  `)).join('');
  return `${start}>${inside}${indentation}</${name}>`;
}

function textSource(value: string): string {
  return value.replace(/[&<>\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}
