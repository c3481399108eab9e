import { type Fact, known, type Unknown, unknown } from '../facts/fact.js';
import type { HostFacts } from '../facts/host.js';
import { clockSetters, type TimeDaemonProcess } from '../host/timeDaemons.js';
import { readLinuxptp } from './linuxptp.js';
import { type NtpqOptions, readNtpd } from './ntpd.js';
import type { PmcOptions } from './pmc.js';
import { readTimesyncd, type TimesyncdOptions } from './timesyncd.js';

/** How to ask the time daemons other than chronyd. */
export interface TimeDaemonOptions extends TimesyncdOptions, NtpqOptions, PmcOptions {}

/** What they said; null for one that does not run or may not set the system clock. */
export type TimeDaemonAnswers = Pick<HostFacts, 'timesyncd' | 'ntpd' | 'linuxptp'>;

const SOURCE = '/proc/*/comm';

/**
 * Asks each of the daemons that runs and may set the system clock, all at the same time. Never throws.
 * @param processes - the time daemons that run; null when processes are hidden
 */
export async function readTimeDaemonAnswers(
  options: TimeDaemonOptions,
  processes: readonly TimeDaemonProcess[] | null,
): Promise<TimeDaemonAnswers> {
  if (processes === null) {
    const reason = 'processes are hidden from this user, time daemons among them; run as root';
    const hidden: Unknown = unknown(SOURCE, 'processes-hidden', reason);
    return { timesyncd: hidden, ntpd: hidden, linuxptp: hidden };
  }
  const setters = clockSetters(options.root, processes);
  const runs = (...names: string[]) => setters.some(({ name }) => names.includes(name));
  const absent: Fact<null> = known(null, SOURCE);
  const [timesyncd, ntpd, linuxptp] = await Promise.all([
    runs('systemd-timesyncd') ? readTimesyncd(options) : absent,
    runs('ntpd') ? readNtpd(options) : absent,
    runs('ptp4l', 'phc2sys', 'ts2phc', 'timemaster') ? readLinuxptp(options, setters) : absent,
  ]);
  return { timesyncd, ntpd, linuxptp };
}
