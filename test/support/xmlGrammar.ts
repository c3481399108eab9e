import fc from 'fast-check';

/** Attributes by name; one that is undefined is left out. */
export type Attributes = Readonly<Record<string, string | undefined>>;

/** One element; what its attributes hold is escaped, so that white space survives the parser's normalisation. */
export function element(name: string, attributes: Attributes, inside = ''): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}='${escaped(value ?? '')}'`)
    .join('');
  return inside === '' ? `<${name}${written}/>` : `<${name}${written}>${inside}</${name}>`;
}

function escaped(text: string): string {
  return text.replace(/[&<'"\t\n]/g, (character) => `&#${character.charCodeAt(0)};`);
}

export function oneOf(values: readonly string[]): fc.Arbitrary<string> {
  return fc.constantFrom(...values);
}

/** Values that are legal somewhere, and once in a while one that never is. */
export function mostly(legal: readonly string[], illegal: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof({ weight: 80, arbitrary: oneOf(legal) }, { weight: 1, arbitrary: oneOf(illegal) });
}

/** Nothing at all, as a rule. */
export function rarely(text: fc.Arbitrary<string>, weight = 3): fc.Arbitrary<string> {
  return fc.oneof({ weight: 10 - weight, arbitrary: fc.constant('') }, { weight, arbitrary: text });
}
