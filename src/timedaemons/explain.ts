import type { CommandRun } from '../commands/command.js';
import { type Unknown, unknown } from '../facts/fact.js';

/** Thrown when the output of a command is not what its manual describes. */
export class Garbled extends Error {
  override readonly name = 'Garbled';
}

/** A command that asks a daemon. */
export interface Question {
  /** Its name, such as `ntpq`; the stable causes begin with it. */
  readonly command: string;
  /** The daemon that is asked. */
  readonly daemon: string;
  /** The distributions' package that has the command. */
  readonly packageName: string;
  /** The command as it is written, for the evidence. */
  readonly source: string;
  readonly deadlineSeconds: number;
  /** What else may keep the daemon silent, such as `restrict in ntp.conf keeps ntpq out`. */
  readonly silentWhere?: string;
}

/** Why a run without output gave no answer. */
export function explainEnd(
  { command, daemon, packageName, source, deadlineSeconds, silentWhere }: Question,
  end: Exclude<CommandRun['end'], 'finished'>,
): Unknown {
  const because = (cause: string, reason: string) => unknown(source, `${command}-${cause}`, reason);
  switch (end) {
    case 'missing':
      return because(
        'missing',
        `${daemon} runs, but ${command} is not installed to ask it; install ${packageName}`,
      );
    case 'denied':
      return because('denied', `${command} may not be executed by this user; run as root`);
    case 'hung':
      return because(
        'hung',
        `${command} had no answer from ${daemon} within ${deadlineSeconds} s; see whether ${daemon} is stopped${silentWhere ? `, ${silentWhere},` : ''} or the machine overloaded`,
      );
    case 'flooded':
      return because('garbled', `${command} printed more than any ${command} would; check what is installed`);
    case 'not-recorded':
      return because(
        'not-recorded',
        `${daemon} ran, but the recording of this host does not hold its answer`,
      );
  }
}

/** Why a run that finished gave no answer, in the command's own first words. */
export function explainFailure({ command, source }: Question, said: string): Unknown {
  const words = firstLine(said);
  return unknown(source, `${command}-failed`, `${command} failed: ${words || 'it said nothing'}`);
}

/** An output that could be had, but not understood. */
export function explainGarbled({ command, source }: Question, error: unknown): Unknown {
  if (!(error instanceof Garbled)) throw error;
  const reason = `the output of ${command} cannot be understood: ${error.message}`;
  return unknown(source, `${command}-garbled`, reason);
}

/** The first line with something on it, cut to a length for a sentence. */
export function firstLine(text: string): string {
  return text.trim().split('\n')[0]?.slice(0, 200) ?? '';
}
