/** A host as ssh takes it: `compute7`, `root@compute7`, an alias of ssh_config or `ssh://root@compute7:2222`. */
export interface Destination {
  /** What ssh is given. */
  readonly text: string;
  /** The host's name in it, without user and port. */
  readonly host: string;
}

/** What ssh itself refuses in a name (OpenSSH's ssh.c, valid_hostname), for a ProxyCommand would hand it to a shell. */
const REFUSED = /['`"$\\;&<>|(){}\s\p{Cc}]/u;

/** Longer than any name of a user and of a host together. */
const LONGEST = 512;

/**
 * Understands what `--ssh` names, as far as it has to.
 * @returns why it is no host, as the rest of a sentence that begins with what was given
 */
export function destination(text: string): Destination | string {
  if (text.startsWith('-')) return 'is an option and not a host; options of ssh belong into ssh_config';
  if (text.length > LONGEST) return 'is too long for a host';
  if (REFUSED.test(text)) return 'has characters that no host has';
  const rest = text.replace(/^ssh:\/\//, '');
  if (rest !== text && rest.includes('/')) return 'is an address with a path, which no host has';
  const name = rest.slice(rest.lastIndexOf('@') + 1);
  const host = rest === text ? name : withoutPort(name);
  if (host === '' || rest.startsWith('@')) return 'names no host';
  if (host.startsWith('-')) return 'names a host that begins with a hyphen, which ssh refuses';
  return { text, host };
}

/** A port is only written in a URI, where an IPv6 address has brackets. */
function withoutPort(name: string): string {
  const [, address] = /^\[([^\]]*)\](?::\d+)?$/.exec(name) ?? [];
  return address ?? name.replace(/:\d+$/, '');
}
