import type { Problem } from '../facts/facts.js';
import type { Recording } from '../recording/recording.js';
import { RecordingUnreadable } from '../recording/recordingUnreadable.js';
import { looksLikeRecording, readRecording } from '../recording/stream.js';
import type { Destination } from './destination.js';
import { type SshSettings, sshArguments, sshEnvironment } from './sshCommand.js';
import {
  isDenied,
  passphraseFailure,
  type SshCall,
  type SshFailure,
  shellFailure,
  sshFailure,
} from './sshFailures.js';
import { runSession, type Session, type SessionBounds } from './sshSession.js';
import { knowsSessionOptions } from './sshVersion.js';

/** What became of recording a host: its recording, which may be cut off, or why there is none. */
export type OverSsh = { readonly recording: Recording } | { readonly problem: Problem };

/** How a host is recorded. */
export interface RecordingSettings extends SshSettings {
  /** ssh itself; null where there is none. */
  readonly ssh: string | null;
  /** The collector. */
  readonly script: string;
  readonly bounds: SessionBounds;
}

const NO_SSH: SshFailure = {
  cause: 'ssh-missing',
  reason: 'cannot be reached, for there is no ssh here; install openssh-client, or set PATH',
};
/** ssh's own exit code for what goes wrong with itself (ssh(1), EXIT STATUS). */
const SSH_FAILED = 255;
/** The problem of a recording whose end is missing. */
const CUT_OFF = 'recording-cut-off';
/** Ten times what a host with a thousand domains sends. */
const MOST_BYTES = 128 * 1024 * 1024;

/**
 * How long the collector may take when each of its commands may take `timeoutSeconds`. It gives a sign of life between
 * its tries to reach virsh; a host where sixty answers are that slow is not worth more waiting.
 */
export function sessionBounds(timeoutSeconds: number): SessionBounds {
  const seconds = Math.ceil(timeoutSeconds);
  return { mostBytes: MOST_BYTES, wholeSeconds: 60 * seconds, silentSeconds: 6 * (seconds + 2) };
}

/** Runs the collector at a host and reads what it printed. Never throws for anything that the host does. */
export async function recordOverSsh(place: Destination, settings: RecordingSettings): Promise<OverSsh> {
  const { ssh, script, bounds, configFile } = settings;
  if (ssh === null) {
    return { problem: { target: place.text, ...NO_SSH } };
  }
  const env = sshEnvironment(process.env);
  const sessionOptions = await knowsSessionOptions(ssh);
  const login = (how: Partial<SshSettings>, sent: string) =>
    runSession(ssh, sshArguments(place, { ...settings, sessionOptions, ...how }), {
      script: sent,
      env,
      bounds,
    });
  const session = await login({}, script);
  let failure = failureOf(session, bounds, { place, ...(configFile !== undefined && { configFile }) });
  if (failure && isDenied(failure) && session.output.length === 0) {
    // Once more, for what became of each key; nothing is to be run, should it be let in this time.
    failure = passphraseFailure((await login({ verbose: true }, '')).said) ?? failure;
  }
  if (session.end === 'flooded' && failure) return { problem: { target: place.text, ...failure } };
  try {
    const recording = readRecording(session.output, place.text);
    // A recording that is whole is worth the same however the connection ended.
    if (failure === null || !recording.problems.some(({ cause }) => cause === CUT_OFF)) return { recording };
    const problem = { target: place.text, ...failure };
    return { recording: { ...recording, problems: [...recording.problems, problem] } };
  } catch (error) {
    if (!(error instanceof RecordingUnreadable)) throw error;
    return { problem: { target: place.text, ...(failure ?? notRead(session, error, settings.sudo)) } };
  }
}

/** What was wrong with the session itself; null where ssh did its part. */
function failureOf(session: Session, bounds: SessionBounds, call: SshCall): SshFailure | null {
  const { end, said } = session;
  switch (end) {
    case 'exited':
      return session.exitCode === SSH_FAILED ? sshFailure(said, call) : null;
    case 'silent':
      return {
        cause: 'ssh-silent',
        reason: `it sent nothing for ${bounds.silentSeconds} s and was given up; look what hangs there, or allow more with --timeout`,
      };
    case 'too-long':
      return {
        cause: 'ssh-too-long',
        reason: `it was not done after ${bounds.wholeSeconds} s and was given up; look what is slow there, or allow more with --timeout`,
      };
    case 'flooded':
      return {
        cause: 'ssh-flooded',
        reason: `it sent more than ${bounds.mostBytes / 1024 / 1024} MiB, which no recording takes; nothing of that was read`,
      };
    case 'broken':
      return { cause: 'ssh-broken', reason: `ssh did not run to its end: ${session.why}` };
  }
}

/** A session that went well, but brought nothing to read. */
function notRead(
  { output, said, ...session }: Session,
  { message }: RecordingUnreadable,
  sudo = false,
): SshFailure {
  if (looksLikeRecording(output))
    return { cause: 'ssh-recording-unreadable', reason: `it sent what ${message}` };
  const exitCode = session.end === 'exited' ? session.exitCode : 0;
  return shellFailure({ exitCode, said, output: output.toString('utf8', 0, 1024), sudo });
}
