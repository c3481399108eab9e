import type { Problem } from '../facts/facts.js';
import type { Destination } from './destination.js';
import { acceptingCommand, removalCommand } from './hostKeyCommands.js';

/** Why a host could not be recorded: a problem without its target. */
export type SshFailure = Pick<Problem, 'cause' | 'reason'>;

/** How ssh was called. */
export interface SshCall {
  readonly place: Destination;
  /** What `ssh -F` was given. */
  readonly configFile?: string;
}

/** What ssh says in the C locale, the most telling first: several lines come together. */
const WORDS: readonly (readonly [RegExp, cause: string, reason: string])[] = [
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED/,
    'ssh-host-key-changed',
    'its host key, or that of a jump host, is not the one in known_hosts; find out why, then remove the old key: ',
  ],
  [
    /Host key verification failed|No \S+ host key is known for/,
    'ssh-host-key-unknown',
    'its host key, or that of a jump host, is not in known_hosts; log in once by hand to compare and accept it: ',
  ],
  [
    /Permission denied \([^)]*(?:password|keyboard-interactive)[^)]*\)/,
    'ssh-password-wanted',
    'it accepts none of the keys, or a jump host does not, and the password it would ask for cannot be given here; check the user, the IdentityFile in ssh_config and authorized_keys there',
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

/** These end with the command that helps, and not with what ssh said. */
const COMMANDS: Readonly<Record<string, (said: string, call: SshCall) => string>> = {
  'ssh-host-key-changed': (said) => removalCommand(said) ?? 'ssh-keygen -R HOST -f FILE',
  'ssh-host-key-unknown': (said, { place, configFile }) => acceptingCommand(place, configFile, said),
};

/** The causes that a key which ssh could not use may be behind. */
const DENIED = new Set(['ssh-password-wanted', 'ssh-permission-denied']);

/** What ssh's own exit code 255 is about (ssh(1), EXIT STATUS), by its words. */
export function sshFailure(said: string, call: SshCall): SshFailure {
  const known = WORDS.find(([words]) => words.test(said));
  if (!known) {
    const reason = 'ssh failed; try the same by hand: ssh -o BatchMode=yes HOST true';
    return { cause: 'ssh-failed', reason: `${reason}${quoted(said)}` };
  }
  const [words, cause, reason] = known;
  const command = COMMANDS[cause];
  if (command) return { cause, reason: reason + command(said, call) };
  // The line that tells names the address and the port, which an alias hides, or the key.
  const telling = [
    ...(DENIED.has(cause) ? [/^(?:Load key|no such identity:|sign_and_send_pubkey:) /] : []),
    words,
  ];
  const lines = said.split(/[\r\n]+/);
  const line = telling.map((it) => lines.findLast((candidate) => it.test(candidate))).find(Boolean);
  return { cause, reason: `${reason}${quoted(line ?? said)}` };
}

/** Whether it was refused for want of a key, so that it is worth asking ssh what became of each. */
export function isDenied({ cause }: SshFailure): boolean {
  return DENIED.has(cause);
}

/**
 * Tells a key that the other side would take, but that ssh could not use without its passphrase; ssh says nothing of that
 * by itself in BatchMode (OpenSSH's sshconnect2.c, load_identity_file).
 * @param told - what ssh says of a login with LogLevel DEBUG1
 * @returns null where it was something else
 */
export function passphraseFailure(told: string): SshFailure | null {
  // A password that comes after the key, a file that others may read, and an agent that refuses, say so.
  if (/partial success|^Load key .*permissions|^sign_and_send_pubkey: /m.test(told)) return null;
  const [, accepted] =
    /^debug1: Server accepts key: (.*?)\r?$/m.exec(told) ??
    /^(Load key .*incorrect passphrase)/m.exec(told) ??
    [];
  if (accepted === undefined) return null;
  const [, file] = /^(.+?) \S+ SHA256:/.exec(accepted) ?? /^Load key "([^"]+)"/.exec(accepted) ?? [];
  const key = file === undefined ? 'the key that it accepts' : `the key ${shortened(file)}`;
  return {
    cause: 'ssh-passphrase-wanted',
    reason: `${key} needs a passphrase, which cannot be given here: load it into an agent with ssh-add, or use a key without one`,
  };
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
  return line.trim() === '' ? '' : `; last words: ${shortened(line.trim())}`;
}

function shortened(text: string): string {
  const LONGEST = 160;
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
