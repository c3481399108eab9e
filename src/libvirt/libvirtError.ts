import type { LibvirtErrorRecord } from '../facts/fact.js';

/** A libvirt call that failed, with libvirt's own error. */
export class LibvirtError extends Error {
  override readonly name = 'LibvirtError';
  constructor(readonly record: LibvirtErrorRecord) {
    super(record.message);
  }
}

/** `VIR_ERR_NO_DOMAIN`. */
export const NO_DOMAIN = 42;

/** For a call that failed while another one was blocked, or insisted upon as well. */
const UNTOLD: LibvirtErrorRecord = {
  code: 0,
  domain: 0,
  message: 'libvirt reported an error that cannot be told while another call is blocked',
};

/** @throws LibvirtError for null, without the error of which nobody could tell whose it is */
export function orUntold<Result>(result: Result | null): Result {
  if (result === null) throw new LibvirtError(UNTOLD);
  return result;
}
