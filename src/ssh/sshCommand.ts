import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { findCommand } from '../commands/command.js';
import type { Destination } from './destination.js';

/** How to reach a host. */
export interface SshSettings {
  /** Another ssh_config than the user's and the system's, for `ssh -F`. */
  readonly configFile?: string;
  /** Whether root is to record, by way of `sudo -n` there. */
  readonly sudo?: boolean;
  /** The longest wait for an answer, in seconds: for a connection, and for a sign of life on it. */
  readonly timeoutSeconds: number;
  /** Whether this ssh knows the options of sessions that came with OpenSSH 8.7. */
  readonly sessionOptions?: boolean;
  /** Whether ssh tells how it logs in, key by key, instead of only what goes wrong. */
  readonly verbose?: boolean;
}

/** After so many signs of life that did not come ssh gives a connection up (ssh_config(5), ServerAliveCountMax). */
const MISSED_SIGNS_OF_LIFE = 3;

/**
 * The arguments of ssh for running a script that comes by standard input. They go before what the user's configuration
 * says, which otherwise stands: names, keys, agents, known_hosts, ProxyJump.
 */
export function sshArguments({ text }: Destination, settings: SshSettings): string[] {
  const { timeoutSeconds, configFile, sudo = false, sessionOptions = false, verbose = false } = settings;
  const options = {
    // Whatever would ask fails instead (ssh_config(5)).
    BatchMode: 'yes',
    ConnectTimeout: Math.ceil(timeoutSeconds),
    ServerAliveInterval: Math.max(1, Math.ceil(timeoutSeconds / MISSED_SIGNS_OF_LIFE)),
    ServerAliveCountMax: MISSED_SIGNS_OF_LIFE,
    // What went wrong is read from its words.
    LogLevel: verbose ? 'DEBUG1' : 'INFO',
    // The host there gets nothing of this machine, whatever the user's configuration forwards.
    ClearAllForwardings: 'yes',
    ForwardAgent: 'no',
    ForwardX11: 'no',
    Tunnel: 'no',
    PermitLocalCommand: 'no',
    // A master would outlive the run, and keep its standard error; one that runs already is used.
    ControlMaster: 'no',
    RemoteCommand: 'none',
    // A session without a command, without standard input or in the background records nothing.
    ...(sessionOptions && { SessionType: 'default', StdinNull: 'no', ForkAfterAuthentication: 'no' }),
  };
  return [
    '-T',
    ...(configFile === undefined ? [] : ['-F', configFile]),
    ...Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
    '--',
    text,
    // The login shell reads this, and every shell reads these words alike; what it is itself does not matter then.
    sudo ? 'sudo -n sh -s' : 'sh -s',
  ];
}

/** The environment of ssh: that of the caller, in which it has agents, without what it could ask a person by. */
export function sshEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { DISPLAY, WAYLAND_DISPLAY, SSH_ASKPASS, ...rest } = environment;
  // A jump host's ssh does not get BatchMode from here.
  return { ...rest, SSH_ASKPASS_REQUIRE: 'never', LC_ALL: 'C' };
}

/**
 * The ssh that the user's own shell would run, or the one in the usual places: cron's PATH is short.
 * @param path - PATH; relative directories in it do not count
 * @returns null when there is none
 */
export function findSsh(path: string | undefined): string | null {
  const directories = (path ?? '').split(delimiter).filter(isAbsolute);
  const own = directories.map((directory) => join(directory, 'ssh')).find(isProgram);
  return own ?? findCommand('ssh', '/');
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
