import type { HostFacts } from '../../facts/host.js';

/** Where the kernel's bound on the error ends: `NTP_PHASE_LIMIT` in the kernel's include/linux/timex.h. */
const UNDISCIPLINED_SECONDS = 16;

/**
 * What the kernel knows of who corrects the clock: its bound on the error grows by 500 ppm without a correction, so that
 * it takes about nine hours to reach its end.
 * @returns null where the kernel could not be asked
 */
export function kernelWitness({ kernelClock }: HostFacts): {
  readonly corrected: boolean;
  /** Without a full stop. */
  readonly said: string;
} | null {
  if (!kernelClock.known) return null;
  const { maxErrorSeconds } = kernelClock.value;
  const corrected = maxErrorSeconds < UNDISCIPLINED_SECONDS;
  const bound = `the kernel's bound on the error is ${maxErrorSeconds >= 10 ? maxErrorSeconds.toFixed(0) : maxErrorSeconds.toPrecision(3)} s`;
  const said = corrected
    ? `${bound}: somebody who is not seen here has corrected the clock in the last hours, such as the host's own daemon where this is a container`
    : `${bound}: nobody has corrected the clock for hours`;
  return { corrected, said };
}
