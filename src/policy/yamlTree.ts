import * as yaml from 'yaml';
import type { Mistake } from './origin.js';
import { excessiveNesting } from './yamlNesting.js';

/** A position in a file; both numbers start at 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** What YAML can say in a configuration file, with where it says so. */
export type YamlTree =
  | { readonly kind: 'map'; readonly at: Position; readonly entries: readonly YamlEntry[] }
  | { readonly kind: 'list'; readonly at: Position; readonly items: readonly YamlTree[] }
  | { readonly kind: 'scalar'; readonly at: Position; readonly value: string | number | boolean | null };

/** A key and its value. */
export interface YamlEntry {
  readonly key: string;
  readonly at: Position;
  readonly value: YamlTree;
}

const NESTED_TOO_DEEPLY = 'is nested too deeply';
/** Deeper than any configuration is. */
const MAX_DEPTH = 16;

/**
 * Reads YAML 1.2 as plain data: no tags, no anchors and aliases, no duplicate keys, one document.
 * @param file - how the file is called in messages
 * @returns null for a tree where nothing is written, or where the mistakes left nothing to look at
 */
export function readYaml(text: string, file: string): { tree: YamlTree | null; mistakes: Mistake[] } {
  const excess = excessiveNesting(text);
  if (excess) return { tree: null, mistakes: [{ ...placed(file, excess), message: NESTED_TOO_DEEPLY }] };
  const lines = new yaml.LineCounter();
  const positionOf = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const document = yaml.parseDocument(text, {
    version: '1.2',
    schema: 'core',
    merge: false,
    // The library compares each key with each other one.
    uniqueKeys: false,
    prettyErrors: false,
    lineCounter: lines,
  });
  const mistakes = [...document.errors, ...document.warnings].map(
    (error): Mistake => ({ ...placed(file, positionOf(error.pos[0])), message: inOurWords(error) }),
  );
  if (mistakes.length > 0) return { tree: null, mistakes };
  const reject = (at: Position, message: string): null => {
    mistakes.push({ ...placed(file, at), message });
    return null;
  };

  function convert(node: yaml.Node | null, fallback: Position, depth: number): YamlTree | null {
    if (node === null) return { kind: 'scalar', at: fallback, value: null };
    const at = node.range ? positionOf(node.range[0]) : fallback;
    if (depth > MAX_DEPTH) return reject(at, NESTED_TOO_DEEPLY);
    if (yaml.isAlias(node)) return reject(at, 'aliases are not understood here; write the value out');
    if ('anchor' in node && node.anchor) return reject(at, 'anchors are not understood here; leave it out');
    if (node.tag) return reject(at, `tags such as ${node.tag} are not understood here; leave it out`);
    if (yaml.isScalar(node)) return convertScalar(node.value, at);
    if (yaml.isSeq(node)) {
      const items = node.items.map((item) => convert(item as yaml.Node | null, at, depth + 1));
      return { kind: 'list', at, items: items.filter((item) => item !== null) };
    }
    if (!yaml.isMap(node)) return reject(at, 'is neither a mapping, a list nor a value');
    const entries = new Map<string, YamlEntry>();
    for (const { key: word, value } of node.items) {
      const name = convert(word as yaml.Node | null, at, depth + 1);
      if (name === null) continue;
      if (name.kind !== 'scalar' || name.value === null) {
        reject(name.at, 'a key has to be a word');
        continue;
      }
      const key = String(name.value);
      const first = entries.get(key);
      if (first) {
        reject(name.at, `'${key.slice(0, 60)}' is here for the second time, after line ${first.at.line}`);
        continue;
      }
      const tree = convert(value as yaml.Node | null, name.at, depth + 1);
      if (tree) entries.set(key, { key, at: name.at, value: tree });
    }
    return { kind: 'map', at, entries: [...entries.values()] };
  }

  function convertScalar(value: unknown, at: Position): YamlTree | null {
    const plain = value === null || ['string', 'number', 'boolean'].includes(typeof value);
    if (!plain) return reject(at, 'is no text, number, true or false');
    return { kind: 'scalar', at, value: value as string | number | boolean | null };
  }

  const tree = convert(document.contents, { line: 1, column: 1 }, 0);
  return { tree, mistakes };
}

/** The place of a mistake in a file. */
export function placed(file: string, { line, column }: Position): Pick<Mistake, 'place' | 'line'> {
  return { place: `${file}:${line}:${column}`, line };
}

/** The library's words, but where they tell a programmer what to do. */
function inOurWords({ code, message }: yaml.YAMLError): string {
  if (code === 'MULTIPLE_DOCS') return 'a second document begins; there has to be one alone';
  return message.replace(/\s+/g, ' ').trim();
}
