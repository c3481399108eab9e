import type { Option } from 'commander';

/** What the help says of an option: its values and its default as they are typed, and no word on switches that are off. */
export function optionDescription({
  description,
  argChoices,
  defaultValue,
  defaultValueDescription,
}: Option): string {
  const notes: string[] = [];
  if (argChoices) notes.push(argChoices.join(', '));
  const fallback = defaultValueDescription ?? (typeof defaultValue === 'boolean' ? undefined : defaultValue);
  if (fallback !== undefined) notes.push(`default: ${fallback}`);
  return notes.length === 0 ? description : `${description} (${notes.join('; ')})`;
}
