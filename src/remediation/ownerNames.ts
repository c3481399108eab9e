/** A UUID as libvirt, Glance and oVirt print it; whatever else stands in its place is not used. */
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/**
 * A UUID from a definition, or a word in capitals for the operator to replace.
 * @param value - chosen by whoever wrote the definition
 */
export function uuidOr(value: string | null | undefined, placeholder: string): string {
  return value != null && UUID.test(value) ? value : placeholder;
}

/**
 * A name as an argument of a command, or a word in capitals for the operator to replace: what begins with a dash
 * would be taken for an option, and what cannot be printed on one line cannot be checked by who pastes it.
 * @param value - chosen by an administrator or a tenant of the cloud
 */
export function nameOr(value: string | undefined, placeholder: string): string {
  return value !== undefined && /^[^-\p{C}\p{Zl}\p{Zp}][^\p{C}\p{Zl}\p{Zp}]*$/u.test(value)
    ? value
    : placeholder;
}
