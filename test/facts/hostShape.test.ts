import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { HOST } from '../../src/facts/hostShape.js';
import type { Shape } from '../../src/facts/shape.js';

interface Schema {
  readonly $ref?: string;
  readonly anyOf?: readonly Schema[];
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly const?: unknown;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
}

const schema = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'schema', 'report.schema.json'), 'utf8'),
) as { $defs: Readonly<Record<string, Schema>> };

/** A choice of one is that one; the order of choices and members is nobody's concern. */
function choice(choices: readonly string[]): string {
  return choices.length === 1 ? (choices[0] ?? '') : `(${[...choices].sort().join(' | ')})`;
}

function members(all: readonly [name: string, optional: boolean, value: string][]): string {
  const written = all.map(([name, optional, value]) => `${name}${optional ? '?' : ''}: ${value}`);
  return `{ ${written.sort().join(', ')} }`;
}

/** What saved facts must look like, in one line that can be compared. */
function ofShape(shape: Shape): string {
  if (typeof shape === 'string') return shape;
  if (Array.isArray(shape)) return `[${ofShape(shape[0])}]`;
  const { $is, $nullable, $oneOf, $values } = shape as Record<string, Shape>;
  if ('$is' in shape) return JSON.stringify($is);
  if ('$nullable' in shape) return choice([...alternatives($nullable as Shape), 'null']);
  if ('$oneOf' in shape) return choice(($oneOf as unknown as Shape[]).flatMap(alternatives));
  if ('$values' in shape) return `{ [name]: ${ofShape($values as Shape)} }`;
  return members(
    Object.entries(shape).map(([name, value]) => {
      const optional = typeof value === 'object' && '$optional' in value;
      return [name, optional, ofShape(optional ? (value.$optional as Shape) : (value as Shape))];
    }),
  );
}

const alternatives = (shape: Shape): string[] => {
  const isChoice = typeof shape === 'object' && '$oneOf' in shape;
  return isChoice ? (shape.$oneOf as Shape[]).flatMap(alternatives) : [ofShape(shape)];
};

/** The same of what a report holds. */
function ofSchema(part: Schema): string {
  if (part.$ref) return ofSchema(schema.$defs[part.$ref.replace('#/$defs/', '')] as Schema);
  if (part.anyOf) return choice(part.anyOf.flatMap(schemaAlternatives));
  if (part.enum) return choice(part.enum.map((one) => JSON.stringify(one)));
  if ('const' in part) return JSON.stringify(part.const);
  if (part.type === 'array') return `[${ofSchema(part.items as Schema)}]`;
  if (part.type !== 'object') return part.type === 'integer' ? 'number' : (part.type ?? 'anything');
  if (typeof part.additionalProperties === 'object')
    return `{ [name]: ${ofSchema(part.additionalProperties)} }`;
  expect(part.additionalProperties, 'lets nothing else in').to.equal(false);
  return members(
    Object.entries(part.properties ?? {}).map(([name, value]) => [
      name,
      !part.required?.includes(name),
      ofSchema(value),
    ]),
  );
}

function schemaAlternatives(part: Schema): string[] {
  if (part.$ref) return schemaAlternatives(schema.$defs[part.$ref.replace('#/$defs/', '')] as Schema);
  if (part.anyOf) return part.anyOf.flatMap(schemaAlternatives);
  return part.enum ? part.enum.map((one) => JSON.stringify(one)) : [ofSchema(part)];
}

describe("the schema of a report's host", () => {
  const host = schema.$defs.host as Schema;
  const shapes = HOST as Readonly<Record<string, Shape>>;

  it('has every fact', () => {
    expect(Object.keys(host.properties ?? {}).sort()).to.deep.equal(Object.keys(shapes).sort());
    expect([...(host.required ?? [])].sort()).to.deep.equal(Object.keys(shapes).sort());
    expect(host.additionalProperties).to.equal(false);
  });

  for (const [name, shape] of Object.entries(shapes)) {
    it(`has in ${name} what saved facts have there, and nothing else`, () => {
      expect(ofSchema(host.properties?.[name] ?? {})).to.equal(ofShape(shape));
    });
  }
});
