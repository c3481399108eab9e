import { unknownBecause } from '../libvirt/failures.js';

/** What a call to libvirt threw, in one sentence with libvirt's own words. */
export function explainFailure(error: unknown): string {
  return unknownBecause('libvirt', error).reason;
}
