import type { Destination } from './destination.js';

/**
 * The command that takes a key that changed out of known_hosts, by what ssh says: `Host key for [192.0.2.7]:2222 has
 * changed` and `Offending ED25519 key in FILE:LINE` (OpenSSH's sshconnect.c).
 * @returns null where ssh does not say both, or in a way that a shell might take for something else
 */
export function removalCommand(said: string): string | null {
  const [, host = ''] = /^Host key for (\S+) has changed/m.exec(said) ?? [];
  const [, file = ''] = /^Offending (?:\S+ )?key(?: for IP)? in (.+):\d+\r?$/m.exec(said) ?? [];
  const isPlain = /^[\w[][\w.:%[\]-]{0,255}$/.test(host) && /^\/[^'\p{Cc}\p{Cf}]{1,255}$/u.test(file);
  return isPlain ? `ssh-keygen -R ${shellWord(host)} -f ${shellWord(file)}` : null;
}

/** The command that shows a person a key that is not known, with the configuration that the run was given. */
export function acceptingCommand(
  { text }: Destination,
  configFile: string | undefined,
  said: string,
): string {
  return [
    'ssh',
    ...(configFile === undefined ? [] : ['-F', shellWord(configFile)]),
    // Where the configuration is strict, ssh would refuse without a question.
    ...(said.includes('you have requested strict checking') ? ['-o StrictHostKeyChecking=ask'] : []),
    shellWord(text),
  ].join(' ');
}

/** One word of a POSIX shell. */
function shellWord(text: string): string {
  return /^[\w./:@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
