import type { SourceOptions } from './options.js';

/**
 * Whose host the facts would be about. Files may come from anywhere, a remote URI does come from elsewhere,
 * and the test driver's hypervisor does not exist: there this machine's clock is nobody's host.
 */
export function hostWanted(
  options: Pick<SourceOptions, 'host' | 'domxml'>,
  uri: string,
): { host: boolean; note: string } {
  if (options.host === true) return { host: true, note: 'this machine, as --host asks' };
  if (options.host === false) return { host: false, note: 'left out, as --no-host asks' };
  if (options.domxml !== undefined) {
    return {
      host: false,
      note: "left out, since files may be from another machine; --host takes this machine's",
    };
  }
  if (!isLocal(uri)) return { host: false, note: 'left out, since the hypervisor may be another machine' };
  if (/^test(\+\w+)?:/.test(uri)) {
    return {
      host: false,
      note: "left out, since libvirt's test driver has no host; --host takes this machine's",
    };
  }
  return { host: true, note: 'this machine' };
}

/** Whether a URI names no other machine. An alias of libvirt.conf has no scheme, and may stand for any. */
export function isLocal(uri: string): boolean {
  // Transports that run a program or go through ssh may end anywhere, whatever host they name.
  return /^[a-z]+(\+(unix|tcp|tls))?:\/\/(localhost|127\.0\.0\.1|\[::1\])?(:\d+)?\//.test(uri);
}
