/**
 * Whether nova takes an image property for true.
 * @see `bool_from_string` in oslo.utils' oslo_utils/strutils.py
 */
export function isTrue(value: string | undefined): boolean {
  return /^(1|t|true|on|y|yes)$/i.test(value?.trim() ?? '');
}
