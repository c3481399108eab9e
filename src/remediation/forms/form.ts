import type { PatchStep } from '../patch.js';

/** The names of the forms that a patch comes in. */
export const PATCH_FORMATS = ['diff', 'xml', 'rfc5261', 'virt-xml', 'ansible'] as const;
export type PatchFormat = (typeof PATCH_FORMATS)[number];

/** A patch that was made and proven, with what every form of it is made from. */
export interface MadePatch {
  /** The domain's name. Chosen by whoever created it: not to be trusted. */
  readonly domain: string;
  readonly uuid: string | null;
  /** The libvirt URI that the definition was read from; null for a file. */
  readonly uri: string | null;
  /** The file's path in a diff's headers, without a leading slash. */
  readonly path: string;
  readonly before: string;
  readonly after: string;
  readonly steps: readonly PatchStep[];
  /**
   * True when the text was read without the passwords that libvirt keeps (`VIR_DOMAIN_XML_SECURE` was not given), so that
   * defining the whole of it would erase those.
   */
  readonly lacksSecrets: boolean;
  /** Present when the text is of saved facts, which never have passwords. */
  readonly isSaved?: true;
}

/** One form of a patch: a pure function to text, and how to remark on it. */
export interface PatchForm {
  readonly format: PatchFormat;
  /** Of the file that holds it, with the dot. */
  readonly extension: string;
  /** One line for `--help` and the documentation. */
  readonly description: string;
  /** How a remark is written in this form; null where there is no place for one. */
  readonly comment: ((line: string) => string) | null;
  /**
   * @returns text that ends with a newline
   * @throws FormUnavailable when this form cannot say it, or not safely
   */
  render(patch: MadePatch): string;
}

/** Thrown when a patch cannot be given in a form; the message tells why and what to do instead. */
export class FormUnavailable extends Error {
  override readonly name = 'FormUnavailable';
}
