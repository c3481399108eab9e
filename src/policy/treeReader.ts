import type { Mistake, Origin } from './origin.js';
import { suggestion } from './suggestion.js';
import { type Position, placed, type YamlTree } from './yamlTree.js';

/** Names, patterns and reasons are no longer than that. */
const MAX_TEXT = 1000;

/** Takes a tree apart and keeps a list of what is wrong with it, so that all of it can be told at once. */
export class TreeReader {
  readonly mistakes: Mistake[] = [];
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  reject(at: Position, message: string): null {
    this.mistakes.push({ ...placed(this.#file, at), message });
    return null;
  }

  place(at: Position): string {
    return placed(this.#file, at).place;
  }

  origin(at: Position): Origin {
    return { layer: 'file', place: this.place(at) };
  }

  /** Calls the reader of each key; one that is in none of them is a mistake. */
  keys(
    tree: YamlTree,
    what: string,
    readers: Readonly<Record<string, (value: YamlTree, at: Position) => void>>,
  ): void {
    const names = Object.keys(readers);
    this.entries(tree, what, (key, value, at) => {
      const read = Object.hasOwn(readers, key) ? readers[key] : undefined;
      if (read) read(value, at);
      else {
        const close = suggestion(key, names);
        this.reject(at, `unknown key '${key}' in ${what}${close || `; the keys are ${names.join(', ')}`}`);
      }
    });
  }

  /** Calls back for each key of a mapping. A key whose entries are all commented out has no value. */
  entries(tree: YamlTree, what: string, each: (key: string, value: YamlTree, at: Position) => void): void {
    if (tree.kind === 'scalar' && tree.value === null) return;
    if (tree.kind !== 'map') {
      this.reject(tree.at, `${what} has to be a mapping, not ${described(tree)}`);
      return;
    }
    for (const { key, value, at } of tree.entries) each(key, value, at);
  }

  items(tree: YamlTree, what: string): readonly YamlTree[] {
    if (tree.kind === 'scalar' && tree.value === null) return [];
    if (tree.kind === 'list') return tree.items;
    this.reject(tree.at, `${what} has to be a list, not ${described(tree)}`);
    return [];
  }

  text(tree: YamlTree, what: string): string | null {
    if (tree.kind !== 'scalar' || typeof tree.value !== 'string') {
      const quotes = tree.kind === 'scalar' && tree.value !== null ? '; put it in quotes' : '';
      return this.reject(tree.at, `${what} has to be a text, not ${described(tree)}${quotes}`);
    }
    if (tree.value.trim() === '') return this.reject(tree.at, `${what} is empty`);
    if (tree.value.length <= MAX_TEXT) return tree.value;
    return this.reject(tree.at, `${what} is longer than ${MAX_TEXT} characters`);
  }

  number(tree: YamlTree, what: string): number | null {
    if (tree.kind === 'scalar' && typeof tree.value === 'number') return tree.value;
    return this.reject(tree.at, `${what} has to be a number, not ${described(tree)}`);
  }

  boolean(tree: YamlTree, what: string): boolean | null {
    if (tree.kind === 'scalar' && typeof tree.value === 'boolean') return tree.value;
    return this.reject(tree.at, `${what} has to be true or false, not ${described(tree)}`);
  }

  choice<T extends string>(tree: YamlTree, what: string, choices: readonly T[]): T | null {
    const found = tree.kind === 'scalar' ? choices.find((choice) => choice === tree.value) : undefined;
    if (found !== undefined) return found;
    const close =
      tree.kind === 'scalar' && typeof tree.value === 'string' ? suggestion(tree.value, choices) : '';
    const expected = choices.length > 1 ? `one of ${choices.join(', ')}` : choices[0];
    return this.reject(tree.at, `${what} has to be ${expected}, not ${described(tree)}${close}`);
  }
}

function described(tree: YamlTree): string {
  if (tree.kind === 'map') return 'a mapping';
  if (tree.kind === 'list') return 'a list';
  const { value } = tree;
  if (value === null) return 'nothing';
  return typeof value === 'string' ? `'${value.slice(0, 60)}'` : String(value);
}
