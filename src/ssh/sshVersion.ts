import { runCommand } from '../commands/command.js';

/** It says so at once, and connects to nothing. */
const DEADLINE_SECONDS = 5;

const answers = new Map<string, Promise<boolean>>();

/**
 * Whether an ssh knows `SessionType`, `StdinNull` and `ForkAfterAuthentication`: OpenSSH does since 8.7, and an older one
 * would refuse them. `IgnoreUnknown` is no way out, for on the command line it takes the place of the user's own.
 * @param path - the program; it is asked once
 */
export function knowsSessionOptions(path: string): Promise<boolean> {
  const known = answers.get(path) ?? runCommand(path, ['-V'], DEADLINE_SECONDS).then(isRecent);
  answers.set(path, known);
  return known;
}

function isRecent(run: Awaited<ReturnType<typeof runCommand>>): boolean {
  return run.end === 'finished' && hasSessionOptions(run.said);
}

/** @param version - what `ssh -V` says, such as `OpenSSH_9.2p1 Debian-2+deb12u3, OpenSSL 3.0.15 3 Sep 2024` */
export function hasSessionOptions(version: string): boolean {
  const [, major, minor] = /^OpenSSH_(?:for_Windows_)?(\d+)\.(\d+)/m.exec(version) ?? [];
  return Number(major) > 8 || (Number(major) === 8 && Number(minor) >= 7);
}
