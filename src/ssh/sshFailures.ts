import type { Problem } from '../facts/facts.js';

/** Why a host could not be recorded: a problem without its target. */
export type SshFailure = Pick<Problem, 'cause' | 'reason'>;

/** What ssh says in the C locale, the most telling first: several lines come together. */
const WORDS: readonly (readonly [RegExp, cause: string, reason: string])[] = [
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED/,
    'ssh-host-key-changed',
    'its host key, or that of a jump host, is not the one in known_hosts; find out why, then remove the old key with ssh-keygen -R',
  ],
  [
    /Host key verification failed|No \S+ host key is known for/,
    'ssh-host-key-unknown',
    'its host key, or that of a jump host, is not in known_hosts; log in once by hand to compare and accept it, or add it with ssh-keyscan',
  ],
  [
    /Permission denied \([^)]*(?:password|keyboard-interactive)[^)]*\)/,
    'ssh-password-wanted',
    'it accepts no key, or a jump host does not, and the password it asks for cannot be given here; use a key without a passphrase, or an agent that has it',
  ],
  [
    /Permission denied \(|Too many authentication failures|No supported authentication methods/,
    'ssh-permission-denied',
    'it accepts none of the keys; check the user, the IdentityFile in ssh_config and authorized_keys there',
  ],
  [
    /Could not resolve hostname/,
    'ssh-unknown-host',
    'its name cannot be resolved; check the spelling, DNS and HostName in ssh_config',
  ],
  [
    /Connection refused/,
    'ssh-refused',
    'nothing accepts connections at its port; check that sshd runs there, and Port in ssh_config',
  ],
  [
    /(?:Connection|Operation) timed out|Timeout, server \S+ not responding|timed out during banner/,
    'ssh-timed-out',
    'it does not answer; check that it is up and reachable, or allow more with --timeout',
  ],
  [
    /No route to host|Network is unreachable|Host is down/,
    'ssh-unreachable',
    'there is no way to it; check the network, or ProxyJump in ssh_config',
  ],
  [
    /Bad configuration option|configuration options|Bad owner or permissions|Can't open user config file|^\S+ line \d+: /m,
    'ssh-configuration',
    'ssh does not accept its configuration',
  ],
  [
    /Unable to negotiate with/,
    'ssh-no-common-algorithm',
    'its sshd is too old or too new for this ssh: they share no algorithm',
  ],
  [
    /Connection (?:to \S+ )?closed|Connection reset|Broken pipe|kex_exchange_identification|closed by remote host/,
    'ssh-connection-lost',
    'the connection was closed from the other side; its sshd, or a ProxyCommand on the way, tells why in its log',
  ],
];

/** These go without what ssh said: the sentence has it all. */
const PLAIN = new Set(['ssh-host-key-changed', 'ssh-host-key-unknown', 'ssh-password-wanted', 'ssh-refused']);

/** What ssh's own exit code 255 is about (ssh(1), EXIT STATUS), by its words. */
export function sshFailure(said: string): SshFailure {
  const [, cause, reason] = WORDS.find(([words]) => words.test(said)) ?? [
    null,
    'ssh-failed',
    'ssh failed; try the same by hand: ssh -o BatchMode=yes HOST true',
  ];
  return { cause, reason: PLAIN.has(cause) ? reason : `${reason}${quoted(said)}` };
}

/** How a login's command ended that printed no recording. */
export interface ShellEnd {
  readonly exitCode: number;
  readonly said: string;
  readonly output: string;
  /** Whether it was to run sudo. */
  readonly sudo: boolean;
}

/** What a login that printed no recording is about. */
export function shellFailure({ exitCode, said, output, sudo }: ShellEnd): SshFailure {
  // Each shell has its own order of these words.
  if (sudo && /sudo: (?:command )?not found|(?:not found|Unknown command): sudo/.test(said)) {
    return { cause: 'ssh-no-sudo', reason: 'it has no sudo; log in as root, or leave --ssh-sudo away' };
  }
  if (sudo && /^sudo: |not in the sudoers file|may not run sudo|not allowed to execute/m.test(said)) {
    return {
      cause: 'ssh-sudo-refused',
      reason: `sudo does not let this user run sh there without a password; allow that with NOPASSWD, or leave --ssh-sudo away${quoted(said)}`,
    };
  }
  if (exitCode === 126 || exitCode === 127) {
    return { cause: 'ssh-no-shell', reason: `its login shell cannot run sh (exit code ${exitCode})` };
  }
  return {
    cause: 'ssh-no-recording',
    reason: `it let ssh in, but printed no recording (exit code ${exitCode}); a forced command, a restricted shell or nologin may be in the way${quoted(said || output)}`,
  };
}

/** The last line of what was said, which ssh and shells give the reason in; nothing where nothing was said. */
function quoted(said: string): string {
  const line =
    said
      .trimEnd()
      .split(/[\r\n]+/)
      .at(-1) ?? '';
  const LONGEST = 160;
  if (line.trim() === '') return '';
  return `; last words: ${line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line.trim()}`;
}
