/** Thrown when chronyc's output is not what its manual describes. */
export class ChronycGarbled extends Error {
  override readonly name = 'ChronycGarbled';
}

/**
 * Splits the fields of a record into its name and what follows. A name may hold commas, and a later chronyc may print
 * more fields at the end: the first reading in which every field has the form that it ought to have is the right one.
 * @param shape - the forms of the fields after the name
 * @throws ChronycGarbled
 */
export function fieldsAfterName(
  fields: readonly string[],
  shape: readonly RegExp[],
  report: string,
): { readonly name: string; readonly fields: readonly string[] } {
  for (let commas = 0; commas + 1 + shape.length <= fields.length; commas++) {
    const rest = fields.slice(commas + 1, commas + 1 + shape.length);
    if (shape.every((form, index) => form.test(rest[index] ?? ''))) {
      return { name: fields.slice(0, commas + 1).join(','), fields: rest };
    }
  }
  throw new ChronycGarbled(`${report} has a field missing, or one that is not of its form`);
}

/**
 * The number that a field of a report holds.
 * @throws ChronycGarbled
 */
export function numberOf(text: string | undefined, report: string): number {
  const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new ChronycGarbled(`${report} has a field that is no number`);
  return value;
}
