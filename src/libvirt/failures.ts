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

/** What the QEMU driver answers only when it has started each installed QEMU, and remembers from then on. */
const TRIES_EVERY_QEMU: ReadonlySet<string> = new Set(['virConnectGetCapabilities', 'virConnectGetVersion']);
const AFTER_A_START =
  'a libvirt daemon tries every installed QEMU at the first such question after its start: repeat the audit, or raise --timeout';

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
  if (error instanceof DeadlineExceeded) {
    const advice = TRIES_EVERY_QEMU.has(call) ? `; ${AFTER_A_START}` : '';
    return unknown(call, 'deadline-exceeded', `${error.message}${advice}`);
  }
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
  const advice = adviceFor(location, libvirtError, cause);
  return {
    target: location,
    cause,
    reason: advice ? `${reason}; ${advice}` : reason,
    ...(libvirtError && { libvirtError }),
  };
}

const AS_ROOT = 'run it as root or as a member of the libvirt group';
/** The schemes of libvirt's drivers; an unknown one is handed to the daemon, which then tells nothing about it. */
const DRIVERS =
  /^(qemu|test|xen|lxc|ch|vbox|bhyve|vz|parallels|openvz|esx|gsx|vpx|hyperv|vmware(player|ws|fusion))$/;

/** @see `virErrorNumber` in include/libvirt/virterror.h */
function adviceFor(uri: string, error: LibvirtErrorRecord | undefined, cause: string): string | null {
  const { code, message = '' } = error ?? {};
  if (cause === 'deadline-exceeded') return 'see whether the libvirt daemon is stopped or overloaded';
  if (code === 38) return systemErrorAdvice(uri, message);
  // VIR_ERR_AUTH_FAILED, VIR_ERR_AUTH_CANCELLED, VIR_ERR_AUTH_UNAVAILABLE
  if (code === 45 || code === 79 || code === 104) return AS_ROOT;
  // VIR_ERR_NO_CONNECT, VIR_ERR_INVALID_ARG
  if (code === 5 || code === 8) return 'check the connection URI';
  return null;
}

/** `VIR_ERR_SYSTEM_ERROR`: nobody listens, the socket may not be opened, or the other machine is not to be found. */
function systemErrorAdvice(uri: string, message: string): string | null {
  if (/permission denied/i.test(message)) return `this user may not open it: ${AS_ROOT}`;
  if (/unable to resolve|could not resolve|name or service not known/i.test(message)) {
    return 'check the name of the host in the connection URI';
  }
  if (/certificate|private key/i.test(message))
    return "see libvirt's TLS certificates (virt-pki-validate tells)";
  const scheme = /^[\w.-]*/.exec(uri)?.[0] ?? '';
  if (!DRIVERS.test(scheme)) return `'${scheme}' is no driver of libvirt: check the connection URI`;
  if (/no such file|connection refused/i.test(message)) return 'see that the libvirt daemon runs';
  return /socket|connect/i.test(message)
    ? 'see that the libvirt daemon runs and that this user may open its socket'
    : null;
}
