/** `; did you mean 'thresholds'?` for a word that comes close to one of some words, otherwise nothing. */
export function suggestion(word: string, words: readonly string[]): string {
  const wanted = plain(word);
  let best: { word: string; distance: number } | null = null;
  for (const candidate of words) {
    const distance = editDistance(wanted, plain(candidate));
    if (!best || distance < best.distance) best = { word: candidate, distance };
  }
  const close = best !== null && best.distance <= Math.max(1, Math.floor(wanted.length / 4));
  return close ? `; did you mean '${best?.word}'?` : '';
}

/** Dashes, underscores and capitals are what people remember least. */
function plain(word: string): string {
  return word.toLowerCase().replace(/[^a-z0-9/]/g, '');
}

/** How many letters have to be added, removed, replaced or swapped with their neighbour. */
function editDistance(left: string, right: string): number {
  // A word of another length is none of ours, and a long one would take long.
  if (Math.abs(left.length - right.length) > 8) return Number.POSITIVE_INFINITY;
  let before: number[] = [];
  let above = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      current[column] = Math.min(
        (above[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (above[column - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (before[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    before = above;
    above = current;
  }
  return above[right.length] ?? 0;
}
