import { ask, type CommandPlace } from '../commands/command.js';
import { type Fact, known, unknown } from '../facts/fact.js';
import type { NtpAnswer } from '../facts/timeDaemons.js';
import { explainEnd, explainFailure, explainGarbled, firstLine, type Question } from './explain.js';
import { parseNtpq } from './ntpqOutput.js';

/** How to ask ntpd. */
export interface NtpqOptions extends CommandPlace {
  /** The path of ntpq; found in the usual places when absent. */
  readonly ntpq?: string;
}

/** Addresses in place of names, the system's variables, and the peers. */
const ARGUMENTS = ['-n', '-c', 'rv', '-c', 'peers'];

/**
 * Asks ntpd, which has to run, how well the host is synchronised. Never throws.
 * @see ntpq(8)
 */
export async function readNtpd(options: NtpqOptions): Promise<Fact<NtpAnswer>> {
  const { deadlineSeconds } = options;
  const source = `ntpq ${ARGUMENTS.join(' ')}`;
  const question: Question = {
    ...{ command: 'ntpq', daemon: 'ntpd', packageName: "ntpd's own package (ntpsec or ntp)" },
    ...{ source, deadlineSeconds, silentWhere: 'restrict in ntp.conf keeps ntpq out' },
  };
  const run = await ask('ntpq', ARGUMENTS, options, options.ntpq);
  if (run.end !== 'finished') return explainEnd(question, run.end);
  // It ends with 0 whatever happened, and complains on either.
  const all = `${run.said}\n${run.output}`;
  if (/socket error|connection refused|timed out|No association|Permission denied/i.test(all)) {
    const words = firstLine(run.said) || firstLine(run.output);
    const reason = `ntpd runs but does not answer ntpq (${words}); look at restrict and interface in ntp.conf`;
    return unknown(source, 'ntpd-unreachable', reason);
  }
  if (run.exitCode !== 0) return explainFailure(question, run.said || run.output);
  try {
    return known(parseNtpq(run.output), source);
  } catch (error) {
    return explainGarbled(question, error);
  }
}
