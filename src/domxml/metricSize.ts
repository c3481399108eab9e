const FACTORS = 'BKMGTPE';
/** A fraction needs a digit before its dot, and a factor of a thousand or more behind it. */
const SIZE = /^\s*\+?(?:(0x[\da-f]+|\d+)([BKMGTPE]?)|(\d+\.\d*)([KMGTPE]))$/i;

/**
 * Reads a size with QEMU's decimal suffixes, as in `tsc-freq=2.5G`.
 * @returns null for what QEMU refuses
 * @see `qemu_strtosz_metric` in QEMU's util/cutils.c
 */
export function metricSize(text: string): number | null {
  const [, whole, wholeFactor, fraction, fractionFactor] = SIZE.exec(text) ?? [];
  const digits = whole ?? fraction;
  if (digits === undefined) return null;
  const power = FACTORS.indexOf((wholeFactor ?? fractionFactor ?? '').toUpperCase());
  const size = Math.trunc(Number(digits) * 1000 ** Math.max(power, 0));
  return Number.isSafeInteger(size) ? size : null;
}
