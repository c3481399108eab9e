/** What libvirt's own schema says about a definition. */
export type SchemaVerdict =
  | { readonly kind: 'valid' }
  /** The first complaint, in one line. */
  | { readonly kind: 'invalid'; readonly reason: string }
  /** Why nothing can be said: the program is not installed, or it did not answer. */
  | { readonly kind: 'not-checked'; readonly because: string };
