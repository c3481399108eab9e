/** A description of plain data: what a saved file must look like before anybody works with it. */
export type Shape =
  | 'string'
  | 'number'
  | 'boolean'
  | readonly [Shape]
  | { readonly [member: string]: Shape }
  | { readonly $optional: Shape }
  | { readonly $nullable: Shape }
  | { readonly $values: Shape }
  | { readonly $oneOf: readonly Shape[] }
  | { readonly $is: string | boolean };

/**
 * Finds the first place where a value does not have a shape. Members that the shape does not name are let be.
 * @returns what is wrong, such as `domains[3].name is no string`, or null when all is well
 */
export function mismatch(value: unknown, shape: Shape, path = ''): string | null {
  const place = path || 'the document';
  if (typeof shape === 'string') {
    const fits = typeof value === shape && (shape !== 'number' || Number.isFinite(value));
    return fits ? null : `${place} is no ${shape}`;
  }
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) return `${place} is no list`;
    return first(value.entries(), ([index, item]) =>
      mismatch(item, (shape as readonly [Shape])[0], `${path}[${index}]`),
    );
  }
  if ('$is' in shape) return value === shape.$is ? null : `${place} is not ${JSON.stringify(shape.$is)}`;
  if ('$optional' in shape)
    return value === undefined ? null : mismatch(value, shape.$optional as Shape, path);
  if ('$nullable' in shape) return value === null ? null : mismatch(value, shape.$nullable as Shape, path);
  if ('$oneOf' in shape) {
    const choices = shape.$oneOf as readonly Shape[];
    const mismatches = choices.map((choice) => mismatch(value, choice, path));
    if (mismatches.includes(null)) return null;
    const words = choices.map((choice) =>
      typeof choice === 'object' && '$is' in choice ? choice.$is : null,
    );
    if (!words.includes(null)) return `${place} is none of ${words.join(', ')}`;
    return mismatches.at(-1) ?? null;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return `${place} is no object`;
  const member = (name: string) => (value as Record<string, unknown>)[name];
  const inside = (name: string) => (path ? `${path}.${name}` : name);
  if ('$values' in shape) {
    return first(Object.keys(value), (name) => mismatch(member(name), shape.$values as Shape, inside(name)));
  }
  return first(Object.entries(shape), ([name, part]) => mismatch(member(name), part as Shape, inside(name)));
}

function first<T>(items: Iterable<T>, find: (item: T) => string | null): string | null {
  for (const item of items) {
    const found = find(item);
    if (found !== null) return found;
  }
  return null;
}
