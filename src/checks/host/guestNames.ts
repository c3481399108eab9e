import type { DomainDefinition } from '../../facts/definition.js';

/** Few enough to read; the count tells how many more there are. */
const NAMED = 3;

/** Names up to three guests and counts the rest: `3 guests (a, b, c)`, `5 guests (a, b, c and 2 more)`. */
export function guestNames(guests: readonly DomainDefinition[]): string {
  const names = guests.slice(0, NAMED).map(({ name }) => name);
  const more = guests.length > NAMED ? ` and ${guests.length - NAMED} more` : '';
  return `${guests.length} ${guests.length === 1 ? 'guest' : 'guests'} (${names.join(', ')}${more})`;
}
