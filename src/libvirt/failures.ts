import { type LibvirtErrorRecord, type Unknown, unknown } from '../facts/fact.js';
import type { Problem } from '../facts/facts.js';
import { LibvirtMissing, LibvirtTooOld } from './library.js';
import { LibvirtError, NO_DOMAIN } from './libvirtError.js';
import { DeadlineExceeded } from './pendingCalls.js';

/** Errors that say something else than that a call failed. */
const CAUSES: ReadonlyMap<number, string> = new Map([
  [NO_DOMAIN, 'no-such-domain'],
  // VIR_ERR_NO_SUPPORT: this driver does not have the call, or a daemon older than this library does not.
  [3, 'not-supported'],
]);

/** Turns what a libvirt call threw into the reason why a fact is unknown. */
export function unknownBecause(call: string, error: unknown): Unknown {
  if (error instanceof LibvirtError) {
    const { record } = error;
    return unknown(
      call,
      CAUSES.get(record.code) ?? 'libvirt-error',
      `${record.message} (libvirt error ${record.code})`,
      record,
    );
  }
  if (error instanceof LibvirtTooOld) return unknown(call, 'libvirt-too-old', error.message);
  if (error instanceof DeadlineExceeded) return unknown(call, 'deadline-exceeded', error.message);
  throw error;
}

/**
 * Turns a failure of the connection itself into a problem, with what an operator can do about it.
 * @param location - the URI
 */
export function connectionProblem(location: string, error: unknown): Problem {
  if (error instanceof LibvirtMissing) {
    const reason = `${error.message}; install it (libvirt0 on Debian, libvirt-libs on RHEL) or audit files with --domxml`;
    return { target: location, cause: 'libvirt-missing', reason };
  }
  const { reason, cause, libvirtError } = unknownBecause('virConnectOpenReadOnly', error);
  const advice = adviceFor(libvirtError, cause);
  return {
    target: location,
    cause,
    reason: advice ? `${reason}; ${advice}` : reason,
    ...(libvirtError && { libvirtError }),
  };
}

/** @see `virErrorNumber` in include/libvirt/virterror.h */
function adviceFor(error: LibvirtErrorRecord | undefined, cause: string): string | null {
  const code = error?.code;
  if (cause === 'deadline-exceeded') return 'see whether the libvirt daemon is stopped or overloaded';
  // VIR_ERR_SYSTEM_ERROR: nobody listens, or the socket may not be opened.
  if (code === 38 && /socket|connect/i.test(error?.message ?? ''))
    return 'see that the libvirt daemon runs and that this user may open its socket';
  // VIR_ERR_AUTH_FAILED, VIR_ERR_AUTH_CANCELLED, VIR_ERR_AUTH_UNAVAILABLE
  if (code === 45 || code === 79 || code === 104) return 'run it as root or as a member of the libvirt group';
  // VIR_ERR_NO_CONNECT, VIR_ERR_INVALID_ARG
  if (code === 5 || code === 8) return 'check the connection URI';
  return null;
}
