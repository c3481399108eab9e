import type { Shape } from './shape.js';

/** A shape with a member for each of a type's, so that the compiler notices one that is forgotten. */
export type MemberShapes<T> = { readonly [Member in keyof T]-?: Shape };

export const LIBVIRT_ERROR: Shape = { $optional: { code: 'number', domain: 'number', message: 'string' } };

/** A fact whose value has a shape. */
export function fact(value: Shape): Shape {
  const known: Shape = { known: { $is: true }, value, source: 'string' };
  const unknown: Shape = {
    known: { $is: false },
    reason: 'string',
    cause: 'string',
    source: 'string',
    leftOut: { $optional: { $is: true } },
    libvirtError: LIBVIRT_ERROR,
  };
  return { $oneOf: [unknown, known] };
}

/** One of some words. */
export function word(...words: readonly string[]): Shape {
  return { $oneOf: words.map(($is) => ({ $is })) };
}
