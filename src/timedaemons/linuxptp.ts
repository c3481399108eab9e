import { type Fact, known, unknown } from '../facts/fact.js';
import type { LinuxptpAnswer } from '../facts/timeDaemons.js';
import type { TimeDaemonProcess } from '../host/timeDaemons.js';
import { PHC2SYS_OPTIONS, PTP4L_OPTIONS } from './linuxptpArguments.js';
import { type LinuxptpProcess, readLinuxptpProcess } from './linuxptpProcess.js';
import { askPtp4l, type PmcOptions } from './pmc.js';
import type { PtpStatus } from './pmcOutput.js';
import { phc2sysSteering, ptp4lSteering, type Steering } from './systemClockSteering.js';

const SOURCE = '/proc/*/cmdline';
/** A boundary clock runs one or two. */
const MOST_PTP4L = 8;
const LONGEST_COMMAND_LINE = 200;
/** A machine has a handful, of which each brings a configuration. */
const MOST_PROCESSES = 64;

/**
 * Looks at what the processes of linuxptp were told to steer, and asks ptp4l where that is the system clock. Never
 * throws.
 * @param processes - those that may set the system clock
 */
export async function readLinuxptp(
  options: PmcOptions,
  processes: readonly TimeDaemonProcess[],
): Promise<Fact<LinuxptpAnswer>> {
  const unasked = { portStates: null, grandmasterPresent: null, masterOffsetSeconds: null };
  let phc2sys: LinuxptpProcess[];
  let ptp4l: LinuxptpProcess[];
  const count = processes.filter(({ name }) => name === 'phc2sys' || name === 'ptp4l').length;
  if (count > MOST_PROCESSES) {
    const reason = `${count} processes of linuxptp run, too many to look at each of them`;
    return unknown(SOURCE, 'linuxptp-processes-too-many', reason);
  }
  try {
    const read = (name: string, short: string) =>
      processes
        .filter((process) => process.name === name)
        .flatMap((process) => readLinuxptpProcess(options.root, process, short) ?? []);
    phc2sys = read('phc2sys', PHC2SYS_OPTIONS);
    ptp4l = read('ptp4l', PTP4L_OPTIONS);
  } catch (error) {
    const reason = `linuxptp's configuration cannot be read: ${(error as Error).message}; run as root`;
    return unknown(SOURCE, 'linuxptp-configuration-unreadable', reason);
  }
  const steering = [
    ...phc2sys.map((process) => by(process, phc2sysSteering(process))),
    ...ptp4l.map((process) => by(process, ptp4lSteering(process))),
  ].find((it) => it !== null);
  if (!steering) return known({ ...unasked, systemClockBy: null, systemClockFrom: null }, SOURCE);
  if (ptp4l.length === 0) return known({ ...unasked, ...steering }, SOURCE);
  const answers = await Promise.all(ptp4l.slice(0, MOST_PTP4L).map((process) => askPtp4l(process, options)));
  const statuses: PtpStatus[] = [];
  for (const answer of answers) {
    if (!answer.known) return answer;
    statuses.push(answer.value);
  }
  return known({ ...together(statuses), ...steering }, answers[0]?.source ?? SOURCE);
}

function by({ name, args }: LinuxptpProcess, steering: Steering | null) {
  if (!steering) return null;
  const commandLine = [name, ...args].join(' ');
  const cut =
    commandLine.length > LONGEST_COMMAND_LINE
      ? `${commandLine.slice(0, LONGEST_COMMAND_LINE)}…`
      : commandLine;
  return { systemClockBy: cut, systemClockFrom: steering.from };
}

/** Of several, the one that follows a master tells the offset; of several that do, the one that is worst off. */
function together(statuses: readonly PtpStatus[]): Omit<LinuxptpAnswer, 'systemClockBy' | 'systemClockFrom'> {
  const following = statuses.filter(({ grandmasterPresent }) => grandmasterPresent);
  const worst = [...(following.length > 0 ? following : statuses)].sort(
    (one, other) => Math.abs(other.masterOffsetSeconds) - Math.abs(one.masterOffsetSeconds),
  )[0];
  return {
    portStates: statuses.flatMap(({ portStates }) => portStates),
    grandmasterPresent: following.length > 0,
    masterOffsetSeconds: worst?.masterOffsetSeconds ?? null,
  };
}
