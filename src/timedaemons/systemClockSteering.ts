import type { LinuxptpProcess } from './linuxptpProcess.js';

const SYSTEM_CLOCK = 'CLOCK_REALTIME';

/** That a process brings the system clock in line with something. */
export interface Steering {
  /** What it takes for right, as its command line names it; null where it finds that itself. */
  readonly from: string | null;
}

/**
 * Whether a phc2sys brings the system clock in line with a PTP clock: by `-a` with `-r`, or by hand with `-c`, whose
 * default is the system clock. With the servo `ntpshm` it only measures, and an NTP daemon does the rest.
 * @returns null when it does not
 * @see phc2sys(8)
 */
export function phc2sysSteering({ options, setting }: LinuxptpProcess): Steering | null {
  if ((options.get('E')?.at(-1) ?? setting('clock_servo')) === 'ntpshm') return null;
  if (Number(setting('free_running') ?? 0) === 1) return null;
  if (options.has('a')) return options.has('r') ? { from: null } : null;
  const source = (options.get('s') ?? options.get('i'))?.at(-1) ?? options.get('d')?.at(-1) ?? null;
  // Without a source it ends with an error.
  if (source === null || source === SYSTEM_CLOCK) return null;
  const steered = options.get('c') ?? [SYSTEM_CLOCK];
  return steered.includes(SYSTEM_CLOCK) ? { from: source } : null;
}

/**
 * Whether a ptp4l brings the system clock in line with its master: only with software time stamps. With those of the
 * hardware it steers the clock of the network card.
 * @returns null when it does not
 * @see ptp4l(8), -S, time_stamping, free_running and clock_servo
 */
export function ptp4lSteering({ options, setting }: LinuxptpProcess): Steering | null {
  const software = options.has('S') || (!options.has('H') && setting('time_stamping') === 'software');
  const measures = Number(setting('free_running') ?? 0) === 1 || setting('clock_servo') === 'ntpshm';
  return software && !measures ? { from: null } : null;
}
