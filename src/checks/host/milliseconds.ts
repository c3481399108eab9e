/** Writes a time in milliseconds, with three digits below 100 ms. */
export function milliseconds(seconds: number): string {
  const value = seconds * 1000;
  return `${value >= 100 ? value.toFixed(0) : value.toPrecision(3)} ms`;
}
