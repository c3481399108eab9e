import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ask, type CommandPlace } from '../commands/command.js';
import { type Fact, known, unknown } from '../facts/fact.js';
import type { TimesyncdAnswer } from '../facts/timeDaemons.js';
import { parseTimesync } from './busctlOutput.js';
import { explainEnd, explainFailure, explainGarbled, firstLine, type Question } from './explain.js';

/** How to ask systemd-timesyncd. */
export interface TimesyncdOptions extends CommandPlace {
  /** The path of busctl; found in the usual places when absent. */
  readonly busctl?: string;
  /** The system clock of a recorded machine, in seconds since 1970. */
  readonly nowSeconds?: number;
}

const BUS_NAME = 'org.freedesktop.timesync1';
const PROPERTIES = ['ServerName', 'ServerAddress', 'PollIntervalUSec', 'NTPMessage'];
/** It is asked when it runs, and not started by the question. */
const OPTIONS = ['--system', '--auto-start=no'];
const TARGET = [BUS_NAME, '/org/freedesktop/timesync1', `${BUS_NAME}.Manager`];
/** Made with the first packet that is not ignored, and gone when the service ends. */
const SYNCHRONISED = 'run/systemd/timesync/synchronized';

/**
 * Asks systemd-timesyncd, which has to run, what its last packet said. Never throws.
 * @see org.freedesktop.timesync1(5), busctl(1) and systemd-timesyncd.service(8)
 */
export async function readTimesyncd(options: TimesyncdOptions): Promise<Fact<TimesyncdAnswer>> {
  const { root, deadlineSeconds } = options;
  const source = `busctl get-property ${BUS_NAME}`;
  const question: Question = {
    ...{ command: 'busctl', daemon: 'systemd-timesyncd', packageName: 'systemd' },
    ...{ source, deadlineSeconds },
  };
  const args = [...OPTIONS, 'get-property', ...TARGET, ...PROPERTIES];
  const run = await ask('busctl', args, options, options.busctl);
  if (run.end !== 'finished') return explainEnd(question, run.end);
  if (run.exitCode !== 0) {
    if (!/not provided by any|not found|Failed to connect to bus|Host is down/i.test(run.said)) {
      return explainFailure(question, run.said);
    }
    const reason = `systemd-timesyncd runs, but cannot be reached over D-Bus (${firstLine(run.said)}); run where the host's /run/dbus is`;
    return unknown(source, 'timesyncd-unreachable', reason);
  }
  try {
    const answer = parseTimesync(run.output, options.nowSeconds ?? Date.now() / 1000);
    return known({ synchronised: existsSync(join(root, SYNCHRONISED)), ...answer }, source);
  } catch (error) {
    return explainGarbled(question, error);
  }
}
